"""The past as the miners read it: one log in a canonical order, its gestures, the wall clock, and who acts when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain import circle, gestures
from modules.patterns.internal.domain.actuators import settled
from modules.patterns.internal.domain.clock import DAY_MS, LocalClock, clock_of
from modules.patterns.internal.domain.discovery import Floats
from modules.patterns.internal.domain.gestures import Gestures
from modules.patterns.internal.domain.log import Log, Times
from modules.patterns.internal.domain.timeline import Timeline

MOST_STATES: Final = 8
"""What has more states than this is a number or a text, and no condition."""


@dataclass(frozen=True)
class Target:
    """An entity and the state that a gesture gives it."""

    entity: int
    state: int
    entity_id: str
    state_name: str


@dataclass(frozen=True)
class Past:
    """A log whose codes are in the order of names, and what was read off it once."""

    log: Log
    gestures: Gestures
    clock: LocalClock
    _lines: dict[int, Timeline] = field(default_factory=dict)
    _kinds: dict[int, NDArray[np.int32]] = field(default_factory=dict)

    @classmethod
    def of(cls, log: Log, start_ms: int | None = None, end_ms: int | None = None) -> Past:
        """The log as a past; with `start_ms` and `end_ms`, as if nothing before or after them were known.

        Also the names of what comes later are not known: a miner can then not see them, whatever it does.
        """
        if start_ms is not None and end_ms is not None:
            log = canonical(known(log.between(start_ms, end_ms)))
            return cls(log, gestures.find(log), clock_of(log, start_ms, end_ms))
        log = canonical(log)
        return cls(log, gestures.find(log), clock_of(log, int(log.times[0]), int(log.times[-1])))

    def line(self, entity: int) -> Timeline:
        """One entity's transitions; kept, since many questions ask for the same."""
        if entity not in self._lines:
            self._lines[entity] = settled(self.log, entity)
        return self._lines[entity]

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """The local days that hold events, ascending."""
        return days_of(self.log)

    def few_states(self, entity: int) -> NDArray[np.int32]:
        """The states that an entity took, if they are words and few enough to be a condition; else none."""
        if entity not in self._kinds:
            taken = self.line(entity).states
            kinds = np.flatnonzero(np.bincount(taken, minlength=1)).astype(np.int32)
            kinds = kinds[~self.log.without_value[kinds]]
            good = 2 <= len(kinds) <= MOST_STATES and np.isnan(self.log.numbers[kinds]).all()
            self._kinds[entity] = kinds if good else kinds[:0]
        return self._kinds[entity]

    def day(self, at_ms: int) -> int:
        """The local day of an instant."""
        return int(self.clock.day(np.array([at_ms], np.int64))[0])

    def made(self, target: Target, start_ms: int, end_ms: int) -> Times:
        """When people gave the target its state, in start_ms <= t < end_ms."""
        times = self.gestures.of(target.entity, target.state)
        return times[(times >= start_ms) & (times < end_ms)]

    def since(self, entity: int, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """When the entity had taken the state that it was in just before each time; if never seen, a day before."""
        line = self.line(entity)
        before = line.index_at(times - 1)
        return np.where(before >= 0, line.times[np.maximum(before, 0)], times - DAY_MS)

    def activity(self, start_ms: int, end_ms: int) -> Activity:
        """When somebody is about: gestures, and what binary sensors see."""
        seeing = np.array([name.startswith("binary_sensor.") for name in self.log.entity_ids], np.bool_)
        low, high = np.searchsorted(self.log.times, (start_ms, end_ms))
        codes = self.log.entities[low:high]
        seen = seeing[codes]
        made = (self.gestures.times >= start_ms) & (self.gestures.times < end_ms)
        times = np.concatenate((self.log.times[low:high][seen], self.gestures.times[made]))
        entities = np.concatenate((codes[seen], self.gestures.entities[made])).astype(np.int64)
        return Activity.of(self.clock.local_ms(times), entities, len(self.log.entity_ids))


@dataclass(frozen=True)
class Activity:
    """`counts[e, slot]`: on how many days entity e spoke in the slot, so that chatter counts no more than others."""

    counts: Floats

    @classmethod
    def of(cls, local: NDArray[np.int64], entities: NDArray[np.int64], how_many: int) -> Activity:
        cells = (entities * 1_000_000 + local // DAY_MS) * circle.SLOTS + circle.slots(local)
        cells = np.unique(cells)
        spoke = cells // circle.SLOTS // 1_000_000 * circle.SLOTS + cells % circle.SLOTS
        return cls(np.bincount(spoke, minlength=how_many * circle.SLOTS).reshape(how_many, -1).astype(np.float64))

    def without(self, entity: int | None) -> Floats:
        """The home's profile, with one entity left out: a habit must not explain itself."""
        total = self.counts.sum(axis=0)
        return circle.profile(total if entity is None else total - self.counts[entity], circle.SHARP_MINUTES)


def days_of(log: Log) -> NDArray[np.int64]:
    """The local days that hold events, ascending."""
    if not len(log):
        return np.empty(0, np.int64)
    days = clock_of(log, int(log.times[0]), int(log.times[-1])).day(log.times)
    return days[np.flatnonzero(np.diff(days, prepend=days[0] - 1))]


def known(log: Log) -> Log:
    """The same log without the names that no row of it bears."""
    entities, states = np.unique(log.entities), np.unique(log.states)
    return replace(
        log,
        entities=np.searchsorted(entities, log.entities).astype(np.int32),
        states=np.searchsorted(states, log.states).astype(np.int32),
        entity_ids=tuple(log.entity_ids[code] for code in entities.tolist()),
        state_names=tuple(log.state_names[code] for code in states.tolist()),
    )


def canonical(log: Log) -> Log:
    """The same log with codes in the order of the names: nothing depends on the order of the import."""
    entity_ids, states = tuple(sorted(log.entity_ids)), tuple(sorted(log.state_names))
    if entity_ids == log.entity_ids and states == log.state_names:
        return log
    new_entities = _recode(log.entity_ids, entity_ids)[log.entities]
    new_states = _recode(log.state_names, states)[log.states]
    order = np.lexsort((new_states, new_entities, log.times))
    return replace(
        log,
        times=log.times[order],
        entities=new_entities[order],
        states=new_states[order],
        origins=log.origins[order],
        entity_ids=entity_ids,
        state_names=states,
    )


def _recode(before: tuple[str, ...], after: tuple[str, ...]) -> NDArray[np.int32]:
    place = {name: code for code, name in enumerate(after)}
    return np.array([place[name] for name in before], np.int32)
