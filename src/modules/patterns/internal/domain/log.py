"""The history as the miners and the replay see it: columns, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

UNKNOWN: Final = 0
MANUAL: Final = 1
AUTOMATION: Final = 2

NO_VALUE: Final = frozenset(("unavailable", "unknown"))
"""The states by which Home Assistant says that it has no value."""

Times = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Log:
    """N changes, sorted by (time, entity); equal (time, entity, state) only once.

    `times`: int64[N], milliseconds since 1970 UTC. `entities`, `states`: int32[N], indices into `entity_ids` and
    `state_names`. `origins`: uint8[N] of UNKNOWN, MANUAL, AUTOMATION. `zone`: where the home's clock hangs.
    `latitude` and `longitude` are degrees or None. Arrays may be memory maps: never write to them.
    """

    times: Times
    entities: Codes
    states: Codes
    origins: NDArray[np.uint8]
    entity_ids: tuple[str, ...]
    state_names: tuple[str, ...]
    zone: ZoneInfo
    latitude: float | None = None
    longitude: float | None = None

    def __len__(self) -> int:
        return len(self.times)

    def between(self, start_ms: int, end_ms: int) -> Log:
        """The changes with start_ms <= time < end_ms, as views."""
        low, high = np.searchsorted(self.times, (start_ms, end_ms))
        return Log(
            times=self.times[low:high],
            entities=self.entities[low:high],
            states=self.states[low:high],
            origins=self.origins[low:high],
            entity_ids=self.entity_ids,
            state_names=self.state_names,
            zone=self.zone,
            latitude=self.latitude,
            longitude=self.longitude,
        )

    @cached_property
    def entity_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.entity_ids)}

    @cached_property
    def state_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.state_names)}

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """float64[S]: each state as a number, NaN where it is none."""
        return np.array([_number(name) for name in self.state_names], dtype=np.float64)

    @cached_property
    def without_value(self) -> Flags:
        """bool[S]: which states are `unavailable` or `unknown`."""
        return np.array([name in NO_VALUE for name in self.state_names], dtype=np.bool_)

    @cached_property
    def rows_by_entity(self) -> tuple[NDArray[np.int32] | NDArray[np.int64], NDArray[np.int64]]:
        """Row numbers grouped by entity, in time order, and int64[E+1] where each entity's group begins."""
        narrow = self.entities.astype(np.uint16) if len(self.entity_ids) <= 65_536 else self.entities
        rows = np.argsort(narrow, kind="stable")
        counts = np.bincount(self.entities, minlength=len(self.entity_ids))
        starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return (rows.astype(np.int32) if len(self) < 2**31 else rows), starts

    def rows_of(self, entity: int) -> NDArray[np.int32] | NDArray[np.int64]:
        """The rows of one entity, in time order."""
        rows, starts = self.rows_by_entity
        return rows[starts[entity] : starts[entity + 1]]


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return float("nan")
