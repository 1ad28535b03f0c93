"""What went wrong in a database, as a fault that a caller can act on.

Only the state of the world is translated: locked, full, away, not ours. A broken constraint, a wrong statement or a
write inside `read` is a mistake of ours and stays what it is; the port calls it Undeclared.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kernel.data.address import Address
from kernel.errors import Busy, Fault, Lost, Unavailable

_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_IOERR: "the disk gave an error: look at the system's log",
    sqlite3.SQLITE_READONLY: "the file may only be read: give this user the right to write it",
    sqlite3.SQLITE_PERM: "the file may not be opened: give this user the right to read and write it",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: its folder must exist and be writable",
    sqlite3.SQLITE_NOTADB: "the file is no SQLite database: move it away or restore a backup",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: restore a backup",
    sqlite3.SQLITE_NOMEM: "there is too little memory",
}
_POSTGRES = {
    "53100": "the server's disk is full: free some space there",
    "53200": "the server has too little memory",
    "3D000": "the server has no such database: create it",
    "3F000": "the module's schema is missing: run `homewright migrate`",
    "42501": "the role may not do this: let it own the module's schema",
    "28000": "the server refuses the login: check user and password",
    "28P01": "the server refuses the password",
}
_POSTGRES_BUSY = {"55P03", "40001", "40P01", "57014", "53300"}


def fault_of(error: Exception, address: Address, *, committing: bool) -> Fault | None:
    """The fault to raise instead of `error`, or None if it is a mistake of ours. `committing`: COMMIT was sent."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, InternalError | OperationalError) and error.statement and _refuses_writes(origin):
        return None
    if isinstance(origin, sqlite3.Error):
        return _sqlite(origin, address)
    if isinstance(error, PoolTimeout):
        return _busy(address)
    if address.file is None and origin is not None:
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        return _postgres(origin, address, gone=gone, committing=committing)
    return None


def _refuses_writes(error: BaseException | None) -> bool:
    return (
        getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY or getattr(error, "sqlstate", "") == "25006"
    )


def _sqlite(error: sqlite3.Error, address: Address) -> Fault | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _busy(address)
    reason = _SQLITE.get(code)
    return None if reason is None else Unavailable(what=str(address), reason=reason)


def _postgres(error: BaseException, address: Address, *, gone: bool, committing: bool) -> Fault | None:
    import psycopg

    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    if state in _POSTGRES_BUSY:
        return _busy(address)
    if state in _POSTGRES:
        return Unavailable(what=str(address), reason=_POSTGRES[state])
    away = gone or state[:2] in ("08", "57") or (not state and isinstance(error, psycopg.OperationalError))
    if not away:
        return None
    said = " ".join(str(error).split())[:200] or "the connection ended"
    if committing:
        return Lost(operation=str(address), reason=f"the connection ended while it committed: {said}")
    return Unavailable(what=str(address), reason=f"the server cannot be reached: {said}")


def _busy(address: Address) -> Busy:
    return Busy(what=f"{address} is locked by another process", retry_after_seconds=1.0)
