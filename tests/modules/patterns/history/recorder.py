"""A small recorder database, as Home Assistant 2026.11 writes it (schema 53), as far as history reads it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE schema_changes (change_id INTEGER PRIMARY KEY, schema_version INTEGER, changed DATETIME);
CREATE TABLE event_types (event_type_id INTEGER PRIMARY KEY, event_type VARCHAR(64));
CREATE TABLE events (
    event_id INTEGER PRIMARY KEY, event_type CHAR(0), event_data CHAR(0), origin CHAR(0), origin_idx SMALLINT,
    time_fired CHAR(0), time_fired_ts FLOAT, context_id CHAR(0), context_user_id CHAR(0), context_parent_id CHAR(0),
    data_id INTEGER, context_id_bin BLOB, context_user_id_bin BLOB, context_parent_id_bin BLOB,
    event_type_id INTEGER REFERENCES event_types (event_type_id)
);
CREATE INDEX ix_events_context_id_bin ON events (context_id_bin);
CREATE INDEX ix_events_event_type_id_time_fired_ts ON events (event_type_id, time_fired_ts);
CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id VARCHAR(255));
CREATE TABLE states (
    state_id INTEGER PRIMARY KEY, entity_id CHAR(0), state VARCHAR(255), attributes CHAR(0), event_id SMALLINT,
    last_changed CHAR(0), last_changed_ts FLOAT, last_reported_ts FLOAT, last_updated CHAR(0), last_updated_ts FLOAT,
    old_state_id INTEGER, attributes_id INTEGER, context_id CHAR(0), context_user_id CHAR(0),
    context_parent_id CHAR(0), origin_idx SMALLINT, context_id_bin BLOB, context_user_id_bin BLOB,
    context_parent_id_bin BLOB, metadata_id INTEGER REFERENCES states_meta (metadata_id)
);
CREATE INDEX ix_states_context_id_bin ON states (context_id_bin);
INSERT INTO event_types VALUES (1, 'automation_triggered'), (2, 'script_started'), (3, 'call_service');
"""


class Recorder:
    """Writes as the recorder does."""

    def __init__(self, path: Path, version: int = 53) -> None:
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.executescript(SCHEMA)
        self.connection.execute("INSERT INTO schema_changes VALUES (1, ?, '2026-11-20')", (version,))
        self.connection.commit()

    def entity(self, entity_id: str) -> int:
        found = self.connection.execute("SELECT metadata_id FROM states_meta WHERE entity_id = ?", (entity_id,))
        row = found.fetchone()
        if row is not None:
            return int(row[0])
        return int(
            self.connection.execute("INSERT INTO states_meta (entity_id) VALUES (?)", (entity_id,)).lastrowid or 0
        )

    def state(
        self,
        entity_id: str,
        state: str | None,
        at: float,
        *,
        context: bytes = b"",
        user: bytes | None = None,
        parent: bytes | None = None,
        changed: float | None = None,
    ) -> None:
        self.connection.execute(
            "INSERT INTO states (metadata_id, state, last_updated_ts, last_changed_ts, context_id_bin,"
            " context_user_id_bin, context_parent_id_bin) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.entity(entity_id), state, at, changed, context or f"c{at}".encode(), user, parent),
        )
        self.connection.commit()

    def event(self, kind: int, at: float, context: bytes) -> None:
        self.connection.execute(
            "INSERT INTO events (event_type_id, time_fired_ts, context_id_bin) VALUES (?, ?, ?)", (kind, at, context)
        )
        self.connection.commit()
