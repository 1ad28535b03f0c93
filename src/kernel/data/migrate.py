"""Bring a module's database to the tables of this version, before it serves.

Each module has a folder `migrations/<module>/versions/` and a revision table `alembic_<module>`; there is no env.py to
copy, this file is it. The whole upgrade is one transaction of a writer: a second process that starts at the same time
waits, then finds nothing to do; a killed upgrade leaves the tables as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData

from kernel.data.address import Address, address
from kernel.data.engine import for_reading, for_writing, make_engine
from kernel.data.faults import fault_of
from kernel.data.revisions import create_house_tables
from kernel.errors import Unavailable

__all__ = ["check", "create_house_tables", "current", "migrations_root", "upgrade"]

_WAIT_SECONDS = 60.0
"""Another process may be upgrading the same database: wait for it rather than fail."""


def migrations_root() -> Path:
    """The folder with one folder per module: in a wheel inside the package, in a checkout beside `src`."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_migrations"
    return packed if packed.is_dir() else package.parent.parent / "migrations"


def upgrade(module: str, url: str, metadata: MetaData, *, root: Path | None = None) -> str | None:
    """Make the tables those of this version; give the revision that they then have. Again does nothing.

    Raises Unavailable if there is no such database, or if a newer version of ours wrote it.
    """
    script = _script(module, root)
    place = address(module, url)
    with _transaction(place, writes=True) as tx:
        if place.file is None:
            _make_schema(tx, place)
        _refuse_newer(tx, place, script)
        _run(tx, place, script, metadata)
        _refuse_loose_ends(tx, place)
        return _revision(tx, place)


def check(module: str, url: str, metadata: MetaData) -> tuple[str, ...]:
    """How the tables differ from `metadata`, in words; empty if they do not. Other modules' tables are not seen."""
    place = address(module, url)
    with _transaction(place, writes=False) as tx:
        options = {"version_table": _version_table(module), "compare_type": True, "include_name": _ours}
        context = MigrationContext.configure(connection=tx, opts=options)
        return tuple(_in_words(difference) for difference in compare_metadata(context, metadata))


def current(module: str, url: str) -> str | None:
    """The revision of the database, or None before the first."""
    place = address(module, url)
    with _transaction(place, writes=False) as tx:
        return _revision(tx, place)


def _version_table(module: str) -> str:
    return f"alembic_{module}"


def _script(module: str, root: Path | None) -> ScriptDirectory:
    folder = (root or migrations_root()) / module
    if not (folder / "versions").is_dir():
        raise Unavailable(what=f"the migrations of {module}", reason=f"there is no folder {folder / 'versions'}")
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return ScriptDirectory.from_config(config)


@contextmanager
def _transaction(place: Address, *, writes: bool) -> Iterator[Connection]:
    """One transaction. Foreign keys rest while tables are rebuilt, and are checked before the end."""
    engine = make_engine(place, durable=True, busy_seconds=_WAIT_SECONDS, foreign_keys=False)
    try:
        with (for_writing(engine) if writes else for_reading(engine)).begin() as tx:
            yield tx
    except Exception as error:
        fault = fault_of(error, place, committing=False)
        if fault is not None:
            raise fault from error
        raise
    finally:
        engine.dispose()


def _make_schema(tx: Connection, place: Address) -> None:
    """A role that may not create schemas can still use the one that was made for it."""
    there = tx.exec_driver_sql("SELECT 1 FROM pg_namespace WHERE nspname = %s", (place.module,)).scalar()
    if not there:
        tx.exec_driver_sql(f'CREATE SCHEMA "{place.module}"')


def _revision(tx: Connection, place: Address) -> str | None:
    context = MigrationContext.configure(connection=tx, opts={"version_table": _version_table(place.module)})
    heads = context.get_current_heads()
    return heads[0] if heads else None


def _refuse_newer(tx: Connection, place: Address, script: ScriptDirectory) -> None:
    revision = _revision(tx, place)
    try:
        script.get_revision(revision or "base")
    except CommandError as error:
        raise Unavailable(
            what=str(place),
            reason=f"a newer version of Homewright wrote it (revision {revision}; this version knows up to "
            f"{script.get_current_head()}): install that version again, or restore the backup made before it",
        ) from error


def _run(tx: Connection, place: Address, script: ScriptDirectory, metadata: MetaData) -> None:
    def steps(revision: Any, context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=tx,
            target_metadata=metadata,
            version_table=_version_table(place.module),
            transactional_ddl=True,
            render_as_batch=True,
        )
        environment.run_migrations()


def _refuse_loose_ends(tx: Connection, place: Address) -> None:
    if place.file is None:
        return
    loose = tx.exec_driver_sql("PRAGMA foreign_key_check").all()
    if loose:
        tables = ", ".join(sorted({str(row[0]) for row in loose}))
        raise Unavailable(what=str(place), reason=f"after the upgrade rows would point nowhere, in {tables}")


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    """Revision tables are not the module's, nor are a full-text index's own tables."""
    return kind != "table" or not (name or "").startswith(("alembic_", "sqlite_"))


def _in_words(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_in_words(part) for part in difference)
    kind, *subject = difference
    return f"{kind.replace('_', ' ')}: {', '.join(str(part) for part in subject if part is not None)}"
