"""A log from changes in memory: for small homes in tests, and for asking what one more day would change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from modules.patterns.internal.domain.log import AUTOMATION, MANUAL, UNKNOWN, Log
from modules.patterns.internal.history.rows import Rows, combine
from modules.patterns.types import Origin, Place, StateChange

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
ORIGIN_CODES: Final[dict[Origin, int]] = {"unknown": UNKNOWN, "manual": MANUAL, "automation": AUTOMATION}
ORIGIN_NAMES: Final[tuple[Origin, ...]] = ("unknown", "manual", "automation")


def milliseconds(at: datetime) -> int:
    """An aware time in ms since 1970, rounded down."""
    return (at - EPOCH) // _MILLISECOND


def instant(time_ms: int) -> datetime:
    """Ms since 1970 as an aware time in UTC."""
    return EPOCH + timedelta(milliseconds=time_ms)


class LocalNames:
    """Names get the next number when they are first met."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self._names: list[str] = []

    def code(self, name: str) -> int:
        code = self.codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        return code

    def __len__(self) -> int:
        return len(self._names)

    def since(self, code: int) -> tuple[str, ...]:
        """The names from this code on."""
        return tuple(self._names[code:])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._names)


def rows_of(changes: Iterable[StateChange], entities: LocalNames, states: LocalNames) -> Rows:
    """Changes as columns, in the order in which they come."""
    listed = list(changes)
    return Rows(
        np.array([milliseconds(change.at) for change in listed], np.int64),
        np.array([entities.code(change.entity_id) for change in listed], np.int32),
        np.array([states.code(change.state) for change in listed], np.int32),
        np.array([ORIGIN_CODES[change.origin] for change in listed], np.uint8),
    )


def log_of(changes: Iterable[StateChange], place: Place | None = None) -> Log:
    """The log that a library would give after it had imported just these changes."""
    entities, states = LocalNames(), LocalNames()
    rows = combine([rows_of(changes, entities, states)]).rows
    return as_log(rows, entities.names, states.names, place or Place())


def as_log(rows: Rows, entity_ids: tuple[str, ...], state_names: tuple[str, ...], place: Place) -> Log:
    return Log(
        times=rows.times,
        entities=rows.entities,
        states=rows.states,
        origins=rows.origins,
        entity_ids=entity_ids,
        state_names=state_names,
        zone=ZoneInfo(place.zone),
        latitude=place.latitude,
        longitude=place.longitude,
    )
