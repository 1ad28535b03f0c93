"""The history of one home, as a test drives it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.data import Database
from kernel.data.jobs import Jobs
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.service.history import HistoryService
from modules.patterns.types import ImportReport, ImportRequest, ImportStatus, Place, StateChange, TimelineQuestion


@dataclass(frozen=True)
class Home:
    """The history of one home, as a process has it."""

    service: HistoryService
    library: Library
    tail: Tail
    jobs: Jobs
    database: Database
    files: Path

    async def bring_in(self, path: Path, zone: str | None = "UTC") -> ImportReport:
        """Import a file; the report."""
        status = await self.ended(path, zone)
        assert status.job.state == "done", status.job.problem
        assert status.report is not None
        return status.report

    async def ended(self, path: Path, zone: str | None = "UTC") -> ImportStatus:
        """Import a file; how it ended."""
        place = None if zone is None else Place(zone=zone)
        job = await self.service.import_file(ImportRequest(path=str(path), place=place))
        await self.jobs.drain()
        return await self.service.import_status(job.id)

    async def all(self, question: TimelineQuestion | None = None) -> list[StateChange]:
        return [change async for change in self.service.timeline(question or TimelineQuestion())]

    def left_over(self) -> list[str]:
        """What lies staged."""
        return [path.name for path in (self.files / "staged").rglob("*")]
