"""A real library in a real folder, with its real database and its real jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kernel.data import Database
from kernel.data.jobs import Jobs
from kernel.testing.databases import Databases, databases, postgres_url
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.importing import IMPORT, Importing
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.service.history import HistoryService
from modules.patterns.internal.tables import metadata

from .home import Home

__all__ = ["database", "databases", "folder", "heavy", "home", "library", "postgres_url", "tail"]


@pytest.fixture
def heavy() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.migrated("patterns", metadata) as database:
        yield database


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "history")


@pytest.fixture
def library(database: Database, folder: Folder, heavy: ThreadPoolExecutor) -> Library:
    return Library(database, folder, heavy)


@pytest.fixture
def tail(database: Database, folder: Folder, heavy: ThreadPoolExecutor) -> Tail:
    return Tail(database, folder, heavy, most=20)


@pytest.fixture
def home(
    database: Database, folder: Folder, library: Library, tail: Tail, heavy: ThreadPoolExecutor, tmp_path: Path
) -> Home:
    jobs = Jobs(database)
    importing = Importing(database, folder, heavy)
    jobs.handle(IMPORT, importing.run)
    service = HistoryService(database, jobs, folder, library, tail, importing, heavy)
    return Home(service, library, tail, jobs, database, tmp_path / "history")
