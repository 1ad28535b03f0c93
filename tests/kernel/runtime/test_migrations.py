"""The kernel's tables are what its migrations make."""

from __future__ import annotations

from kernel.data import migrate
from kernel.runtime.tables import metadata
from kernel.testing.databases import Databases


def test_migrations_make_the_tables_of_this_version(databases: Databases) -> None:
    migrate.upgrade("kernel", databases.url, metadata)
    assert migrate.check("kernel", databases.url, metadata) == ()
