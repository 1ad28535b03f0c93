"""One SQLAlchemy engine per module, made so that a transaction means the same on SQLite and on PostgreSQL.

    write   alone among all writers of the module, in every process: BEGIN IMMEDIATE, or an advisory lock
    read    one unchanging view, and a write inside it is refused: query_only, or REPEATABLE READ READ ONLY

On PostgreSQL the search path holds the module's schema alone, so that neither our statements nor raw SQL nor Alembic's
inspection can meet a neighbour's table by chance.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from kernel.data.address import Address

Tx = Connection
"""A transaction under way. Only stores know what it is."""

_WRITES = "homewright_writes"
_READ_ONLY = "homewright_read_only"
_ADVISORY_SPACE = 0x484D  # so that our locks meet no other program's in the same database


def make_engine(address: Address, *, durable: bool, busy_seconds: float, foreign_keys: bool = True) -> Engine:
    """An engine for one module. `durable`: each commit survives a power cut, not only the end of the process."""
    if address.file is None:
        return _postgres(address, busy_seconds)
    return _sqlite(address, durable, busy_seconds, foreign_keys)


def for_writing(engine: Engine) -> Engine:
    """The same pool; transactions begin as writers."""
    return engine.execution_options(**{_WRITES: True})


def for_reading(engine: Engine) -> Engine:
    """The same pool; transactions see one unchanging state and cannot write."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _sqlite(address: Address, durable: bool, busy_seconds: float, foreign_keys: bool) -> Engine:
    engine = create_engine(
        address.url,
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": busy_seconds, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        _to_wal(connection, busy_seconds)
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _to_wal(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Two processes that meet a new file at once collide here, and SQLite does not wait by itself."""
    ends = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() > ends:
                raise
            time.sleep(0.01)


def _begin_sqlite(tx: Connection) -> None:
    writes = bool(tx.get_execution_options().get(_WRITES))
    raw: Any = tx.connection.dbapi_connection
    if tx.info.get(_READ_ONLY, False) is writes:
        raw.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
        tx.info[_READ_ONLY] = not writes
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(address: Address, busy_seconds: float) -> Engine:
    # A plan that was made while a table was empty would be kept for ever by a connection that lives as long as we do.
    options = ["-cplan_cache_mode=force_custom_plan"]
    options += [f"-csearch_path={address.module}", f"-clock_timeout={int(busy_seconds * 1000)}"]
    if address.role:
        options.append(f"-crole={address.role}")
    engine = create_engine(
        address.url,
        pool_size=2,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"options": " ".join(options), "connect_timeout": max(2, int(busy_seconds))},
    )
    lock = f"SELECT pg_advisory_xact_lock({_ADVISORY_SPACE}, {zlib.crc32(address.module.encode()) - 2**31})"

    @event.listens_for(engine, "begin")
    def begin(tx: Connection) -> None:
        if tx.get_execution_options().get(_WRITES):
            tx.exec_driver_sql(lock)

    return engine
