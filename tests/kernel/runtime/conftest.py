"""The kernel's own database, migrated as at a start; on SQLite and, where a server is named, on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kernel.data import Database
from kernel.runtime.tables import metadata
from kernel.testing.databases import Databases, databases, postgres_url

__all__ = ["databases", "postgres_url"]


@pytest.fixture
async def kernel_database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.migrated("kernel", metadata) as database:
        yield database
