"""One entity's past: its true transitions, and what state it was in at any instant.

A row that repeats the state before it (an attribute changed, a sensor reported again) is no transition and is left out;
the first row is kept, for it tells the state, but nothing is known of how the entity came into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.patterns.errors import UnknownEntity
from modules.patterns.internal.domain.log import Codes, Log, Times

NEVER = np.iinfo(np.int64).max
UNSEEN = -1
"""The state of an entity before its first row."""


@dataclass(frozen=True)
class Timeline:
    """`times` int64[n], `states` int32[n], `origins` uint8[n]: the first row and every change of state after it."""

    times: Times
    states: Codes
    origins: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.times)

    def index_at(self, at: Times) -> NDArray[np.int64]:
        """The row in force at each instant: the last one with time <= at, -1 before the first."""
        return np.searchsorted(self.times, at, side="right").astype(np.int64) - 1

    def state_at(self, at: Times) -> Codes:
        """The state at each instant, UNSEEN before the first row."""
        return self.states_of(self.index_at(at))

    def states_of(self, index: NDArray[np.int64]) -> Codes:
        if not len(self):
            return np.full(len(index), UNSEEN, dtype=np.int32)
        return np.where(index < 0, np.int32(UNSEEN), self.states[index]).astype(np.int32)

    def left_at(self) -> Times:
        """int64[n]: when each row's state ended, NEVER for the last."""
        return np.append(self.times[1:], NEVER)

    def next_time_in(self, state: int, rows: NDArray[np.int64]) -> Times:
        """For each row, the first later time at which the entity takes `state` again, or NEVER."""
        into = np.flatnonzero(self.states == state)
        following = np.searchsorted(into, rows, side="right")
        return np.append(self.times[into], NEVER)[following]


def code_of(log: Log, entity_id: str) -> int:
    """The entity's code. Raises UnknownEntity if the history has never seen it."""
    code = log.entity_codes.get(entity_id)
    if code is None:
        raise UnknownEntity(entity_id=entity_id)
    return code


def timeline(log: Log, entity: int, same: Codes | None = None) -> Timeline:
    """The transitions of one entity. `same` int32[S] maps states to those that they are the same as."""
    rows = log.rows_of(entity)
    states = log.states[rows]
    if same is not None:
        states = same[states]
    return transitions(log.times[rows], states, log.origins[rows])


def transitions(times: Times, states: Codes, origins: NDArray[np.uint8]) -> Timeline:
    """One entity's rows, in the order of time, without those that repeat the state before them."""
    kept = np.ones(len(times), dtype=np.bool_)
    kept[1:] = states[1:] != states[:-1]
    return Timeline(times=times[kept], states=states[kept], origins=origins[kept])
