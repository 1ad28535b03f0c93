"""The SQL on a Home Assistant recorder database: read only, in short reads, so that Home Assistant does not notice.

Schema 43 (Home Assistant 2024.4) and newer. Each statement is a short read of its own: a long one would keep Home
Assistant from shortening its write-ahead log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from modules.patterns.errors import BadSource

OLDEST_SCHEMA: Final = 43
OLDEST_RELEASE: Final = "2024.4"
_WAIT_SECONDS: Final = 10.0
_COLUMNS: Final = {
    "states": {
        "state_id",
        "metadata_id",
        "state",
        "last_changed_ts",
        "last_updated_ts",
        "context_id_bin",
        "context_user_id_bin",
        "context_parent_id_bin",
    },
    "states_meta": {"metadata_id", "entity_id"},
    "events": {"event_type_id", "time_fired_ts", "context_id_bin"},
    "event_types": {"event_type_id", "event_type"},
}
_RUNS: Final = "SELECT event_type_id FROM event_types WHERE event_type IN ('automation_triggered', 'script_started')"
_STATES: Final = """
    SELECT state_id, metadata_id, CAST(state AS TEXT), CAST(coalesce(last_changed_ts, last_updated_ts) AS REAL),
           CAST(last_updated_ts AS REAL), context_id_bin, context_user_id_bin IS NOT NULL,
           context_parent_id_bin IS NOT NULL
    FROM states WHERE state_id > ? AND state_id <= ? ORDER BY state_id LIMIT ?
"""
_RUN_CONTEXTS: Final = f"""
    SELECT DISTINCT s.context_id_bin FROM states s JOIN events e ON e.context_id_bin = s.context_id_bin
    WHERE s.state_id >= ? AND s.state_id <= ? AND s.context_user_id_bin IS NULL AND s.context_parent_id_bin IS NULL
      AND e.event_type_id IN ({_RUNS})
"""
_RUN_TIMES: Final = f"""
    SELECT time_fired_ts FROM events
    WHERE event_type_id IN ({_RUNS}) AND time_fired_ts >= ? AND time_fired_ts <= ? ORDER BY time_fired_ts
"""


@dataclass(frozen=True)
class StateRow:
    """A row of `states`. `changed`: seconds since 1970, when the state last changed; `updated`: when it was written."""

    state_id: int
    metadata_id: int | None
    state: str | None
    changed: float | None
    updated: float | None
    context: bytes | None
    has_user: bool
    has_parent: bool


def mark_of(row: StateRow) -> str:
    """What tells a row from one that has the same id in another database."""
    return f"{row.state_id} {row.updated} {(row.context or b'').hex()}"


class RecorderDatabase:
    """An open recorder database. Raises BadSource for whatever is wrong with it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection that cannot write, for one worker thread after the other."""
        try:
            connection = self._connect()
        except sqlite3.Error as error:
            raise self._fault(error) from None
        try:
            yield connection
        except sqlite3.Error as error:
            raise self._fault(error) from None
        finally:
            connection.close()

    def check(self, connection: sqlite3.Connection) -> None:
        """Raises BadSource unless these are a recorder's tables in a schema that we read."""
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"states", "schema_changes"} <= tables:
            raise self._bad(
                "it is a SQLite database, but not one of Home Assistant's recorder",
                "Name the file home-assistant_v2.db in Home Assistant's configuration folder",
            )
        query = "SELECT schema_version FROM schema_changes ORDER BY change_id DESC LIMIT 1"
        version = next(iter(connection.execute(query)), (0,))[0]
        complete = all(columns <= self._columns(connection, table) for table, columns in _COLUMNS.items())
        if version < OLDEST_SCHEMA:
            raise self._bad(
                f"its schema is version {version}; Homewright reads version {OLDEST_SCHEMA} and newer",
                f"Start Home Assistant {OLDEST_RELEASE} or newer on it once: it upgrades the database by itself",
            )
        if not complete:
            raise self._bad(
                f"its schema, version {version}, lacks columns that Homewright reads",
                "Let Home Assistant end its upgrade of the database; or look for a newer version of Homewright",
            )

    def fingerprint(self, connection: sqlite3.Connection) -> tuple[object, ...]:
        """What tells one state of a recorder from another: it only ever appends rows and purges the oldest."""
        ends = "SELECT min(state_id), max(state_id) FROM states"
        last = "SELECT last_updated_ts, hex(context_id_bin) FROM states ORDER BY state_id DESC LIMIT 1"
        return (*next(connection.execute(ends)), *next(iter(connection.execute(last)), ()))

    def last_id(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """The first and last state_id; 0 and 0 if there is none."""
        low, high = next(connection.execute("SELECT min(state_id), max(state_id) FROM states"))
        return low or 0, high or 0

    def entities(self, connection: sqlite3.Connection) -> dict[int, str]:
        query = "SELECT metadata_id, CAST(entity_id AS TEXT) FROM states_meta WHERE entity_id IS NOT NULL"
        return {row[0]: row[1] for row in connection.execute(query)}

    def states(self, connection: sqlite3.Connection, after: int, to: int, limit: int) -> list[StateRow]:
        return [StateRow(*row) for row in connection.execute(_STATES, (after, to, limit))]

    def mark(self, connection: sqlite3.Connection, state_id: int) -> str:
        """The mark of a row; empty if it is gone."""
        rows = self.states(connection, state_id - 1, state_id, 1)
        return mark_of(rows[0]) if rows else ""

    def run_contexts(self, connection: sqlite3.Connection, first: int, last: int) -> set[bytes]:
        """The contexts among these states in which an automation or script began to run."""
        return {row[0] for row in connection.execute(_RUN_CONTEXTS, (first, last))}

    def run_times(self, connection: sqlite3.Connection, start: float, end: float) -> list[float]:
        """When automations and scripts began to run, in order."""
        return [row[0] for row in connection.execute(_RUN_TIMES, (start, end))]

    def _columns(self, connection: sqlite3.Connection, table: str) -> set[str]:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}

    def _connect(self) -> sqlite3.Connection:
        """A database with a write-ahead log needs a file beside it; in a folder that cannot be written, and with
        nothing in that log, it is read as it lies there."""
        name = f"file:{quote(str(self._path))}?mode=ro"
        connection = sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS, check_same_thread=False)
        try:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            connection.text_factory = _text
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            log = self._path.with_name(self._path.name + "-wal")
            unopened = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if not unopened or (log.exists() and log.stat().st_size):
                raise
            still = sqlite3.connect(f"{name}&immutable=1", uri=True, check_same_thread=False)
            still.text_factory = _text
            return still

    def _fault(self, error: sqlite3.Error) -> BadSource:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self._bad("another program holds it locked", "Try again in a minute, or import a copy of it")
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            return self._bad(
                "it cannot be opened beside its write-ahead log",
                "Let this user write in its folder, or copy the .db, .db-wal and .db-shm files and import the copy",
            )
        if code == sqlite3.SQLITE_NOTADB:
            return self._bad("it is no database after its first bytes", "Copy it again from where it came from")
        return self._bad(
            f"the database is damaged ({error})",
            "Copy it again while Home Assistant stands still, or repair it with `sqlite3 <file> .recover`",
        )

    def _bad(self, reason: str, remedy: str) -> BadSource:
        return BadSource(path=str(self._path), reason=reason, remedy=remedy)


def _text(data: bytes) -> str:
    """Some integrations get text into Home Assistant that is no UTF-8: the rest of it is good."""
    return data.decode("utf-8", "replace")
