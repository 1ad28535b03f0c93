"""A trail on a real, migrated database with its checkpoint file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kernel.data import Database
from kernel.testing.databases import Databases, databases, postgres_url
from modules.audit.internal.checkpoints import Checkpoints
from modules.audit.internal.service import TrailService
from modules.audit.internal.tables import metadata

__all__ = ["database", "databases", "open_trail", "postgres_url", "trail"]


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.migrated("audit", metadata) as database:
        yield database


@pytest.fixture
def open_trail(database: Database, tmp_path: Path) -> Callable[[], TrailService]:
    """A trail as a new process would have it, on the same database and folder."""
    heavy = ThreadPoolExecutor(1)
    return lambda: TrailService(
        database, Checkpoints(tmp_path / "checkpoints.ndjson"), heavy, lambda: datetime.now(UTC)
    )


@pytest.fixture
async def trail(open_trail: Callable[[], TrailService]) -> TrailService:
    trail = open_trail()
    await trail.start()
    return trail
