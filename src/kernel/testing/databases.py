"""Real databases for tests: a test that asks for `databases` runs on SQLite files and, where there is one, PostgreSQL.

The environment variable HOMEWRIGHT_TEST_POSTGRES names a server (`postgresql+psycopg://postgres@127.0.0.1:5432/test`);
without it the suite has no PostgreSQL tests, rather than skipped ones. Each run makes a database of its own there and
drops it at the end; each test leaves it empty. A conftest takes both fixtures by importing them:

    from kernel.testing.databases import databases, postgres_url
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.engine import make_url

from kernel.data import Database, migrate
from kernel.data.address import address
from kernel.data.engine import for_writing, make_engine

VARIABLE = "HOMEWRIGHT_TEST_POSTGRES"
KINDS = ("sqlite", "postgresql") if os.environ.get(VARIABLE) else ("sqlite",)


@dataclass(frozen=True)
class Databases:
    """Where this test's databases are."""

    kind: str
    url: str
    """With `{module}` where a module's name goes; the data layer fills it in."""

    def create(self, module: str, metadata: MetaData) -> None:
        """Make the tables straight from the metadata: for tests that are not about migrations."""
        place = address(module, self.url)
        engine = make_engine(place, durable=False, busy_seconds=10)
        with for_writing(engine).begin() as tx:
            if place.file is None:
                tx.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{module}"')
            metadata.create_all(tx)
        engine.dispose()

    @asynccontextmanager
    async def opened(self, module: str, metadata: MetaData, **options: Any) -> AsyncIterator[Database]:
        """An open database with the tables of `metadata`."""
        self.create(module, metadata)
        database = await Database.open(module, self.url, **options)
        try:
            yield database
        finally:
            await database.close()

    @contextmanager
    def role_per_module(self, *modules: str) -> Iterator[Databases]:
        """The same databases, on PostgreSQL with a role for each module; a file's only guard is that it is another."""
        if self.kind == "sqlite":
            yield self
            return
        database = str(make_url(self.url).database)
        own = make_url(self.url).update_query_dict({"role": f"{database}_{{module}}"})
        roles = [f"{database}_{module}" for module in modules]
        _at(self.url, *(f'CREATE ROLE "{role}"' for role in roles))
        _at(self.url, *(f'GRANT CREATE ON DATABASE "{database}" TO "{role}"' for role in roles))
        try:
            yield Databases(
                self.kind, own.render_as_string(hide_password=False).replace("%7B", "{").replace("%7D", "}")
            )
        finally:
            _at(
                self.url,
                *(f'DROP OWNED BY "{role}" CASCADE' for role in roles),
                *(f'DROP ROLE "{role}"' for role in roles),
            )

    @asynccontextmanager
    async def migrated(self, module: str, metadata: MetaData, root: Path | None = None) -> AsyncIterator[Database]:
        """An open database brought to its tables by the module's migrations."""
        migrate.upgrade(module, self.url, metadata, root=root)
        database = await Database.open(module, self.url)
        try:
            yield database
        finally:
            await database.close()


@contextmanager
def own_postgres() -> Iterator[str]:
    """The URL of a new database on the server that HOMEWRIGHT_TEST_POSTGRES names; it is dropped at the end."""
    name = f"homewright_test_{uuid.uuid4().hex[:12]}"
    _at(os.environ[VARIABLE], f'CREATE DATABASE "{name}"')
    try:
        yield make_url(os.environ[VARIABLE]).set(database=name).render_as_string(hide_password=False)
    finally:
        _at(os.environ[VARIABLE], f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[Callable[[], str]]:
    """Gives the URL of this run's own PostgreSQL database, made when it is first asked for."""
    with ExitStack() as stack:
        yield cache(lambda: stack.enter_context(own_postgres()))


@pytest.fixture(params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: Callable[[], str]) -> Iterator[Databases]:
    """Empty databases for this test, one per module on demand."""
    if request.param == "sqlite":
        yield Databases("sqlite", f"sqlite:///{tmp_path}/{{module}}.db")
        return
    url = postgres_url()
    yield Databases("postgresql", url)
    _empty(url)


def _at(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def _empty(url: str) -> None:
    """Drop every schema that the test made."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    ours = text("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'")
    with engine.connect() as connection:
        for name in connection.scalars(ours).all():
            if name != "public":
                connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
    engine.dispose()
