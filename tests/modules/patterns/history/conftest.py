"""A real library in a real folder, with its real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kernel.data import Database
from kernel.data.migrate import upgrade
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.tables import metadata


@pytest.fixture
def heavy() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/patterns.db"
    upgrade("patterns", url, metadata)
    return url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await Database.open("patterns", url)
    yield opened
    await opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "history")


@pytest.fixture
def library(database: Database, folder: Folder, heavy: ThreadPoolExecutor) -> Library:
    return Library(database, folder, heavy)


@pytest.fixture
def tail(database: Database, folder: Folder, heavy: ThreadPoolExecutor) -> Tail:
    return Tail(database, folder, heavy, most=20)
