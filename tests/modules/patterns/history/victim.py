"""A process that imports a file, to be killed: `victim.py <folder> <csv>`. It goes on where it was killed."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kernel.data import Database
from kernel.data.jobs import Jobs
from kernel.facade.context import Context, enter
from kernel.testing.killing import last_life
from modules.patterns.internal.history import csv_lines
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.importing import IMPORT, Importing
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.service.history import HistoryService
from modules.patterns.types import HistoryBatch, ImportRequest, Place, StateChange


async def main(root: Path, source: Path) -> None:
    csv_lines._BLOCK = 20_000
    database = await Database.open("patterns", f"sqlite:///{root}/patterns.db")
    folder, heavy = Folder(root / "history"), ThreadPoolExecutor(2)
    jobs = Jobs(database, lease_seconds=0.2, poll_seconds=0.05, most_starts=1_000)
    tail = Tail(database, folder, heavy, most=20)
    importing = Importing(database, folder, heavy)
    jobs.handle(IMPORT, importing.run)
    library = Library(database, folder, heavy)
    service = HistoryService(database, jobs, folder, library, tail, importing, heavy)
    await service.start()
    enter(Context(received="one import"))
    job = await service.import_file(ImportRequest(path=str(source), place=Place(zone="UTC")))
    running = asyncio.create_task(jobs.run())
    print("ready", flush=True)
    at = (await service.summary()).changes
    while not last_life() or not (await service.import_status(job.id)).job.ended:
        at += 1
        await _live(service, at)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    status = await service.import_status(job.id)
    if status.job.state != "done":
        raise SystemExit(status.job.problem)
    await database.close()


async def _live(service: HistoryService, number: int) -> None:
    """A live change in the midst of the import; it is promised once the call has returned."""
    state = f"{number}"
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    enter(Context())
    change = StateChange(at=at, entity_id="sensor.live", state=state, origin="automation")
    await service.import_history(HistoryBatch(changes=(change,)))
    print(f"kept {state}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
