"""The lower tier: one SQLite file of bounded size. Losing it costs time, never data, so it is written without syncing.

A file that cannot be read, or is no database, is removed and begun anew; if even that fails, the tier is empty.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from kernel.runtime.observe.log import logger

Entry = tuple[float, bytes]
_PAGE = 4096
_TABLE = (
    "CREATE TABLE IF NOT EXISTS entries (kind TEXT, key TEXT, until REAL, value BLOB, PRIMARY KEY (kind, key)) "
    "WITHOUT ROWID"
)
_OLDEST = "DELETE FROM entries WHERE (kind, key) IN (SELECT kind, key FROM entries ORDER BY until LIMIT ?)"
_EVICTED = 64


class Shelf:
    """Used by one thread at a time. `most_bytes` bounds the file; the entries that expire first make room."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._connection: sqlite3.Connection | None = None

    def get(self, kind: str, key: str) -> Entry | None:
        try:
            found = self._open().execute("SELECT until, value FROM entries WHERE kind=? AND key=?", (kind, key))
            row: Entry | None = found.fetchone()
            return row
        except (sqlite3.Error, OSError) as trouble:
            self._give_up(trouble)
            return None

    def put(self, kind: str, key: str, entry: Entry) -> None:
        if len(entry[1]) > self._most_bytes // 4:
            return
        try:
            self._put(kind, key, entry)
        except (sqlite3.Error, OSError) as trouble:
            self._give_up(trouble)

    def forget(self, kind: str) -> None:
        try:
            self._open().execute("DELETE FROM entries WHERE kind=?", (kind,))
        except (sqlite3.Error, OSError) as trouble:
            self._give_up(trouble)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _put(self, kind: str, key: str, entry: Entry) -> None:
        while True:
            try:
                self._open().execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", (kind, key, *entry))
                return
            except sqlite3.OperationalError as full:
                if getattr(full, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
                    raise
                if self._open().execute(_OLDEST, (_EVICTED,)).rowcount == 0:
                    return

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=0.2)
            self._connection = connection
            for pragma in ("page_size=4096", "journal_mode=MEMORY", "synchronous=OFF", "cache_size=-256"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(f"PRAGMA max_page_count={max(8, self._most_bytes // _PAGE)}")
            connection.execute(_TABLE)
        return self._connection

    def _give_up(self, trouble: sqlite3.Error | OSError) -> None:
        """Busy or short of disk: this look-up finds nothing. Broken: the file goes, and the next one begins anew."""
        code = getattr(trouble, "sqlite_errorcode", sqlite3.SQLITE_CANTOPEN) & 0xFF
        logger("cache").warning("file_not_used", problem=str(trouble))
        with suppress(sqlite3.Error):
            self.close()
        self._connection = None
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
