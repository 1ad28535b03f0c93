"""A Home Assistant recorder database: the rows of `states` that are true changes of state, with their origins.

Home Assistant writes a row also when only an attribute changed, and one for each entity after a restart: a row with the
state that the entity already has is left out. A removed entity has an empty state; it counts as unavailable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from modules.patterns.errors import BadSource
from modules.patterns.internal.history.csv_rows import ENTITY, LONGEST_NAME
from modules.patterns.internal.history.csv_times import LAST_YEAR
from modules.patterns.internal.history.intake import Chunk, Known, Notes, Progress
from modules.patterns.internal.history.opening import faults_of
from modules.patterns.internal.history.origins import ECHO_SECONDS, origin_of
from modules.patterns.internal.history.recorder_store import RecorderDatabase, StateRow, mark_of
from modules.patterns.internal.history.rows import Rows
from modules.patterns.internal.history.wall_clock import zone_named
from modules.patterns.types import NoteKind, Place, SourceFormat

_ROWS_AT_ONCE: Final = 50_000
_REMOVED: Final = "unavailable"
_LAST_SECOND: Final = (LAST_YEAR - 1969) * 365.2 * 86_400


class RecorderSource:
    """One recorder database, which Home Assistant may be writing to."""

    format: SourceFormat = "recorder"

    def __init__(self, path: Path, place: Place | None) -> None:
        self._path = path
        self._database = RecorderDatabase(path)
        self._place = place or _configured_place(path)
        with faults_of(path), self._database.open() as connection:
            self._database.check(connection)

    def digest(self) -> str:
        """Of the ends of its `states`; reading it all would take as long as importing it."""
        with self._database.open() as connection:
            seen = self._database.fingerprint(connection)
        return hashlib.sha256(f"recorder\0{seen!r}".encode()).hexdigest()

    def place(self) -> Place | None:
        return self._place

    def resumes(self, since: Progress, same_digest: bool) -> bool:
        """Also when Home Assistant has written on: rows are only added, and this one is still the same."""
        with self._database.open() as connection:
            return bool(since.mark) and self._database.mark(connection, since.position) == since.mark

    def chunks(self, since: Progress, known: Known) -> Iterator[Chunk]:
        with self._database.open() as connection:
            low, high = self._database.last_id(connection)
            if not high:
                raise BadSource(
                    path=str(self._path),
                    reason="the recorder holds no states yet",
                    remedy="Let Home Assistant run for some weeks, then import it",
                )
            reading = _Reading(since, known)
            while rows := self._database.states(connection, reading.position, high, _ROWS_AT_ONCE):
                updated = [row.updated for row in rows if row.updated is not None]
                start, end = min(updated, default=0.0) - ECHO_SECONDS, max(updated, default=0.0)
                reading.entities_by_id = self._database.entities(connection)
                reading.runs = self._database.run_contexts(connection, rows[0].state_id, rows[-1].state_id)
                reading.run_times = self._database.run_times(connection, start, end)
                yield reading.chunk(rows, rows[-1].state_id - low + 1, high - low + 1)


class _Reading:
    """One pass over the states."""

    def __init__(self, since: Progress, known: Known) -> None:
        self._known = known
        self._notes = Notes(since.notes)
        self._since = since
        self._last = {
            known.entities.names[entity]: known.states.names[state] for entity, state in known.last_states.items()
        }
        self.entities_by_id: dict[int, str] = {}
        self.runs: set[bytes] = set()
        self.run_times: Sequence[float] = ()

    @property
    def position(self) -> int:
        return self._since.position

    def chunk(self, rows: Sequence[StateRow], done: int, total: int) -> Chunk:
        known = self._known
        entities, states = len(known.entities), len(known.states)
        skipped = self._since.skipped
        found: list[tuple[int, int, int, int]] = []
        for row in rows:
            problem = self._problem(row)
            if problem is not None:
                skipped += 1
                self._notes.add(problem, 1, row.state_id, str(row.state)[:120])
            elif (change := self._change(row)) is not None:
                found.append(change)
            else:
                self._notes.add("no_change", 1, row.state_id, self.entities_by_id[row.metadata_id or 0])
        columns = np.array(found, np.int64).reshape(-1, 4)
        self._since = Progress(
            position=rows[-1].state_id,
            rows=self._since.rows + len(rows),
            skipped=skipped,
            notes=self._notes.all(),
            mark=mark_of(rows[-1]),
        )
        return Chunk(
            Rows(
                columns[:, 0].copy(),
                columns[:, 1].astype(np.int32),
                columns[:, 2].astype(np.int32),
                columns[:, 3].astype(np.uint8),
            ),
            known.entities.since(entities),
            known.states.since(states),
            done,
            total,
            self._since,
        )

    def _problem(self, row: StateRow) -> NoteKind | None:
        """Why the row cannot be used, or None."""
        if row.changed is None or not 0 <= row.changed < _LAST_SECOND:
            return "bad_row"
        entity_id = self.entities_by_id.get(row.metadata_id or 0, "")
        if len(entity_id) > LONGEST_NAME or not ENTITY.fullmatch(entity_id):
            return "bad_entity_id"
        if row.state is not None and len(row.state) > LONGEST_NAME:
            return "long_state"
        return "bad_text" if "\0" in (row.state or "") else None

    def _change(self, row: StateRow) -> tuple[int, int, int, int] | None:
        """Time, entity, state and origin, if it is a true change."""
        entity_id = self.entities_by_id[row.metadata_id or 0]
        state = row.state or _REMOVED
        before = self._last.get(entity_id)
        if state == before or row.changed is None:
            return None
        self._last[entity_id] = state
        origin = origin_of(row, row.changed, entity_id, before, self.runs, self.run_times)
        entity, code = self._known.entities.code(entity_id), self._known.states.code(state)
        return round(row.changed * 1000), entity, code, origin


def _configured_place(path: Path) -> Place | None:
    """Where the home is by the Home Assistant configuration in whose folder the database lies, if it does."""
    try:
        data = json.loads((path.parent / ".storage" / "core.config").read_bytes())["data"]
        place = Place(zone=data["time_zone"], latitude=data["latitude"], longitude=data["longitude"])
        zone_named(place.zone)
    except Exception:  # a guess: whatever is not there or not as expected is simply not known
        return None
    return place
