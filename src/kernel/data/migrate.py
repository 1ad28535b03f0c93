"""Bring a module's database to the tables of this version, before it serves.

Each module has a folder `migrations/<module>/versions/` and a revision table `alembic_<module>`; there is no env.py to
copy. The whole upgrade is one transaction of a writer: a second process that starts at the same time waits, then finds
nothing to do; a killed upgrade leaves the tables as they were.

Nearly every start finds nothing to do. So the stored revision is compared with what the files say of themselves, and
Alembic, with all that it loads, comes in only when they differ or when there is any doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect

from kernel.data.address import Address, address
from kernel.data.engine import for_reading, for_writing, make_engine
from kernel.data.faults import fault_of
from kernel.data.revisions import create_house_tables
from kernel.errors import Unavailable

__all__ = ["check", "create_house_tables", "current", "migrations_root", "upgrade"]

_WAIT_SECONDS = 60.0
"""Another process may be upgrading the same database: wait for it rather than fail."""

_REVISION = re.compile(r"""^revision = ["'](\w+)["']$""", re.MULTILINE)
_BEFORE = re.compile(r"""^down_revision = (?:None|["'](\w+)["'])$""", re.MULTILINE)


def migrations_root() -> Path:
    """The folder with one folder per module: in a wheel inside the package, in a checkout beside `src`."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_migrations"
    return packed if packed.is_dir() else package.parent.parent / "migrations"


def upgrade(module: str, url: str, metadata: MetaData, *, root: Path | None = None) -> str | None:
    """Make the tables those of this version; give the revision that they then have. Again does nothing.

    Raises Unavailable if there is no such database, or if a newer version of ours wrote it.
    """
    folder = (root or migrations_root()) / module
    if not (folder / "versions").is_dir():
        raise Unavailable(what=f"the migrations of {module}", reason=f"there is no folder {folder / 'versions'}")
    place = address(module, url)
    newest = _newest(folder / "versions")
    if newest is not None and _stored(place) == newest:
        return newest
    return _upgrade(place, folder, metadata)


def check(module: str, url: str, metadata: MetaData) -> tuple[str, ...]:
    """How the tables differ from `metadata`, in words; empty if they do not. Other modules' tables are not seen."""
    from kernel.data import upgrading

    with _transaction(address(module, url), writes=False) as tx:
        return upgrading.differences(tx, _version_table(module), metadata)


def current(module: str, url: str) -> str | None:
    """The revision of the database, or None before the first."""
    return _stored(address(module, url))


def _upgrade(place: Address, folder: Path, metadata: MetaData) -> str | None:
    from kernel.data import upgrading

    with _transaction(place, writes=True) as tx:
        if place.file is None:
            _make_schema(tx, place)
        upgrading.run(tx, place, folder, _version_table(place.module), metadata)
        return _revision(tx, place)


def _version_table(module: str) -> str:
    return f"alembic_{module}"


def _newest(versions: Path) -> str | None:
    """The one revision that no other follows, as the files say; None if they do not say it plainly."""
    revisions, followed = set(), set()
    for file in versions.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        revision, before = _REVISION.findall(text), _BEFORE.findall(text)
        if len(revision) != 1 or len(before) != 1 or revision[0] in revisions:
            return None
        revisions.add(revision[0])
        followed.update(before)
    last = revisions - followed
    return last.pop() if len(last) == 1 else None


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


def _stored(place: Address) -> str | None:
    with _transaction(place, writes=False) as tx:
        return _revision(tx, place)


def _revision(tx: Connection, place: Address) -> str | None:
    table = _version_table(place.module)
    if not inspect(tx).has_table(table):
        return None
    found = tx.exec_driver_sql(f"SELECT version_num FROM {table}").scalars().all()
    return found[0] if len(found) == 1 else None
