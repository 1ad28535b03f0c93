"""A process that imports one file into a folder that others use as well: `importer.py <folder> <csv>`."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kernel.data import Database
from kernel.data.jobs import Jobs
from modules.patterns.internal.history import csv_lines
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.importing import IMPORT, Importing
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.service.history import HistoryService
from modules.patterns.types import ImportRequest, Place


async def main(root: Path, source: Path) -> None:
    csv_lines._BLOCK = 20_000
    database = await Database.open("patterns", f"sqlite:///{root}/patterns.db")
    folder, heavy, jobs = Folder(root / "history"), ThreadPoolExecutor(2), Jobs(database, poll_seconds=0.05)
    importing = Importing(database, folder, heavy)
    jobs.handle(IMPORT, importing.run)
    library, tail = Library(database, folder, heavy), Tail(database, folder, heavy)
    service = HistoryService(database, jobs, folder, library, tail, importing, heavy)
    await service.start()
    print("ready", flush=True)
    sys.stdin.readline()
    job = await service.import_file(ImportRequest(path=str(source), place=Place(zone="UTC")))
    running = asyncio.create_task(jobs.run())
    while not (status := await service.import_status(job.id)).job.ended:
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()
    heavy.shutdown()
    assert status.report is not None, status.job.problem
    print(status.report.added, status.report.duplicates, flush=True)


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
