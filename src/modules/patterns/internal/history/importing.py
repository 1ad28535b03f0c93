"""The import of a file, as a job that may be killed at any moment.

    reading   the source's chunks are staged, each with how to go on after it, in one transaction
    merging   the staged rows become part of the months' files; they become visible, the report is written and the job
              is done in one transaction

A run that finds staged chunks of the same source goes on after them. Failure and cancelling remove all that was staged.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from kernel.data import Database, Tx
from kernel.data.jobs import Job, LeaseLost, Stopping
from kernel.data.outbox import emit
from kernel.errors import Fault
from modules.patterns.errors import BadSource
from modules.patterns.events import HistoryImported
from modules.patterns.internal.history import import_store, staging, store
from modules.patterns.internal.history.csv_source import CsvSource
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.import_store import Import, Segment
from modules.patterns.internal.history.intake import Chunk, Known, Progress, Source
from modules.patterns.internal.history.memory import instant
from modules.patterns.internal.history.merging import Merging, Outcome
from modules.patterns.internal.history.opening import kind_of
from modules.patterns.internal.history.recorder_source import RecorderSource
from modules.patterns.types import ImportReport, ImportRequest

T = TypeVar("T")
IMPORT: Final = "patterns.import"
"""The kind of the job."""


def open_source(request: ImportRequest) -> Source:
    """The file that is asked for. Raises BadSource, UnknownZone."""
    path = Path(request.path)
    kind, packing = kind_of(path)
    if request.format not in ("auto", kind):
        reason = f"it is no {request.format} file; it looks like {kind}"
        raise BadSource(path=request.path, reason=reason, remedy="Leave the format out, or name the right file")
    if kind == "recorder":
        return RecorderSource(path, request.place)
    if request.place is None:
        reason = "a CSV file holds local times, and no time zone was given"
        remedy = "Name the home's zone: --tz Europe/Berlin (in a query: zone=Europe/Berlin)"
        raise BadSource(path=request.path, reason=reason, remedy=remedy)
    return CsvSource(path, packing, request.place)


def called(request: ImportRequest) -> str:
    """What reports and refusals call the source. An upload's file is ours: its path tells its sender nothing."""
    return request.path if request.keep_source else "the upload"


class Importing:
    """Runs import jobs."""

    def __init__(self, database: Database, folder: Folder, heavy: Executor) -> None:
        self._database = database
        self._folder = folder
        self._heavy = heavy

    async def run(self, job: Job) -> None:
        """The job's handler."""
        asked = await self._database.read(lambda tx: import_store.find(tx, job.id))
        if asked is None:
            return
        try:
            if asked.ended or asked.progress.stage == "reading":
                await self._read(job, asked)
            await self._merge(job)
        except (Stopping, LeaseLost, asyncio.CancelledError):
            raise  # another run goes on with what is staged
        except _AlreadyKnown:
            pass
        except BadSource as bad:
            await self.forget(asked)
            bad.path = called(asked.request)
            raise
        except BaseException:
            with contextlib.suppress(Fault):
                await self.forget(asked)
            raise
        self._tidy(asked)

    async def forget(self, asked: Import) -> None:
        """Remove what an import that failed or was cancelled had staged."""
        self._tidy(asked)
        await self._database.write(lambda tx: import_store.end(tx, asked.id))

    def _tidy(self, asked: Import) -> None:
        self._folder.unstage(asked.id)
        if not asked.request.keep_source:
            Path(asked.request.path).unlink(missing_ok=True)

    async def _read(self, job: Job, asked: Import) -> None:
        source = await self._in_thread(lambda: open_source(asked.request))
        digest = await self._in_thread(source.digest)
        report = await self._database.read(lambda tx: import_store.report_of(tx, digest))
        if report is not None:
            await self._database.write(lambda tx: _end_known(tx, job, source, report))
            raise _AlreadyKnown
        since, known = await self._resume(asked, source, digest)
        chunks = source.chunks(since, known)
        try:
            while (chunk := await self._in_thread(lambda: next(chunks, None))) is not None:
                since = await self._stage(job, chunk, since)
        finally:
            await self._in_thread(chunks.close)  # type: ignore[attr-defined]
        since = msgspec.structs.replace(since, stage="merging", format=source.format, place=source.place())
        await self._database.write(lambda tx: import_store.advance(tx, job.id, since))

    async def _resume(self, asked: Import, source: Source, digest: str) -> tuple[Progress, Known]:
        """Where to go on: after what an earlier run has staged of the same source, or at the beginning."""
        if asked.progress.segments and not asked.ended:
            same = asked.digest == digest
            if await self._in_thread(lambda: source.resumes(asked.progress, same)):
                with contextlib.suppress(OSError, ValueError):  # a segment is damaged: read the source again
                    return asked.progress, await self._known(asked.id)
        self._folder.unstage(asked.id)
        await self._database.write(lambda tx: import_store.begin(tx, asked.id, digest))
        return Progress(), Known()

    async def _known(self, import_id: str) -> Known:
        segments = await self._database.read(lambda tx: import_store.staged(tx, import_id))
        paths = [self._folder.segment_file(import_id, segment.number) for segment in segments]
        return await self._in_thread(lambda: staging.known(paths))

    async def _stage(self, job: Job, chunk: Chunk, since: Progress) -> Progress:
        number, times = since.segments, chunk.rows.times
        await self._in_thread(lambda: staging.write(self._folder.segment_file(job.id, number), chunk))
        first, last = (int(times.min()), int(times.max())) if len(times) else (0, 0)
        progress = msgspec.structs.replace(chunk.progress, segments=number + 1)

        def work(tx: Tx) -> None:
            import_store.stage(tx, job.id, Segment(number, len(times), first, last))
            import_store.advance(tx, job.id, progress)
            job.advance_in(tx, "reading", chunk.done, chunk.total)

        await self._database.write(work)
        return progress

    async def _merge(self, job: Job) -> None:
        asked = await self._database.read(lambda tx: import_store.find(tx, job.id))
        assert asked is not None
        segments = await self._database.read(lambda tx: import_store.staged(tx, job.id))
        known = await self._known(job.id)

        def finish(tx: Tx, outcome: Outcome) -> None:
            report = _report(asked, outcome)
            import_store.end(tx, job.id, report)
            if asked.progress.place is not None:
                store.changed(tx, asked.progress.place)
            if report.added:
                emit(tx, _event(job.id, report))
            job.finish_in(tx)

        async def advance(done: int, total: int) -> None:
            await job.advance("merging", done, total)

        merging = Merging(self._database, self._folder, self._heavy, job.id)
        await merging.merge(segments, known, advance, finish)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)


class _AlreadyKnown(Exception):
    """The same source was imported before."""


def _end_known(tx: Tx, job: Job, source: Source, before: ImportReport) -> None:
    report = msgspec.structs.replace(before, already_known=True, added=0, duplicates=before.added + before.duplicates)
    import_store.end(tx, job.id, report)
    place = source.place()
    if place is not None and place != store.place(tx):
        store.changed(tx, place)
    job.finish_in(tx)


def _report(asked: Import, outcome: Outcome) -> ImportReport:
    progress = asked.progress
    return ImportReport(
        source=called(asked.request),
        format=progress.format,
        rows=progress.rows,
        added=outcome.added,
        duplicates=outcome.staged - outcome.added,
        skipped=progress.skipped,
        entities=outcome.entities,
        first=None if outcome.first_ms is None else instant(outcome.first_ms),
        last=None if outcome.last_ms is None else instant(outcome.last_ms),
        notes=progress.notes,
    )


def _event(import_id: str, report: ImportReport) -> HistoryImported:
    return HistoryImported(
        import_id=import_id, source=report.source, added=report.added, first=report.first, last=report.last
    )
