"""The acts of people that an automation could have spared them: what all scores are counted against.

A gesture is a true transition of an actuator (see `actuators`) that was not made by an automation or script. Changes
of one entity that follow each other within 10 s are one gesture: it has the time of the first and the state of the
last, and is none if the entity is back where it was. What is taken back within 120 s (the entity returns to the state
before, by whomever) is no gesture; taking it back is one.

A change of unknown origin counts as made by hand, for a plain log does not say who did it. So in a home with
automations a plain log holds gestures that are none; `unknown_origin` says how many of them stand on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.actuators import actuators, made_by_hand, settled
from modules.patterns.internal.domain.clock import in_window
from modules.patterns.internal.domain.log import AUTOMATION, UNKNOWN, Codes, Flags, Log, Times
from modules.patterns.internal.domain.timeline import Timeline

REPEAT_MS: Final = 10_000
REVERT_MS: Final = 120_000


@dataclass(frozen=True)
class Gestures:
    """`times` int64[n] UTC ms, sorted; `entities`, `states` int32[n]: codes of the log.

    `unknown` bool[n]: made of changes of which at least one has no known origin.
    """

    times: Times
    entities: Codes
    states: Codes
    unknown: Flags

    def __len__(self) -> int:
        return len(self.times)

    @property
    def unknown_origin(self) -> int:
        """How many count as made by hand only because nobody knows who made them."""
        return int(np.count_nonzero(self.unknown))

    def between(self, start_ms: int, end_ms: int) -> Gestures:
        return self.chosen(in_window(self.times, start_ms, end_ms))

    def of(self, entity: int, state: int) -> Times:
        """The times of the gestures that bring `entity` into `state`."""
        times: Times = self.times[(self.entities == entity) & (self.states == state)]
        return times

    def chosen(self, which: Flags | NDArray[np.int64]) -> Gestures:
        return Gestures(self.times[which], self.entities[which], self.states[which], self.unknown[which])


def find(log: Log) -> Gestures:
    """All gestures of the log, in the order of time."""
    parts = [_of_entity(log, entity) for entity in actuators(log)]
    if not parts:
        none = np.zeros(0, dtype=np.int32)
        return Gestures(none.astype(np.int64), none, none, none.astype(np.bool_))
    every = Gestures(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.entities for part in parts]),
        np.concatenate([part.states for part in parts]),
        np.concatenate([part.unknown for part in parts]),
    )
    return every.chosen(np.lexsort((every.entities, every.times)))


def _of_entity(log: Log, entity: int) -> Gestures:
    line = settled(log, entity)
    by_hand = made_by_hand(log, entity, line.states[:-1], line.states[1:]) & (line.origins[1:] != AUTOMATION)
    rows = np.flatnonzero(by_hand) + 1
    firsts, lasts = _bursts(line.times[rows])
    first, last = rows[firsts], rows[lasts]
    before, after = line.states[first - 1], line.states[last]
    kept = (before != after) & ~_reverted(line, last, before)
    unknown = np.add.reduceat(line.origins[rows] == UNKNOWN, firsts, dtype=np.int64) > 0 if len(rows) else kept
    entities = np.full(len(first), entity, dtype=np.int32)
    return Gestures(line.times[first], entities, after, unknown).chosen(kept)


def _bursts(times: Times) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where chains of gaps of at most 10 s begin and end."""
    if not len(times):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    cuts = np.flatnonzero(np.diff(times) > REPEAT_MS)
    return np.concatenate(([0], cuts + 1)), np.concatenate((cuts, [len(times) - 1]))


def _reverted(line: Timeline, rows: NDArray[np.int64], before: Codes) -> Flags:
    """Whether the entity is back in the state before within 120 s of the change."""
    back = np.empty(len(rows), dtype=np.int64)
    for state in np.unique(before):
        chosen = before == state
        back[chosen] = line.next_time_in(int(state), rows[chosen])
    return back - REVERT_MS <= line.times[rows]
