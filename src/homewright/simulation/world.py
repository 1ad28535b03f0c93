"""Lets intents happen in order: what changes nothing is dropped, what happened calls for reactions."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from homewright.simulation.calendar import Day
from homewright.simulation.habits import REACTIONS
from homewright.simulation.home import FIRST_STATES, LINGER_MINUTES, ON_STATES
from homewright.simulation.people import DAY_END, MINUTE

RESTORED: Final = ""
"""Back to the state before it was unavailable."""


class Intent(NamedTuple):
    """Something is about to be set. `second` is since midnight; only what a `person` caused calls for reactions."""

    second: float
    entity_id: str
    state: str
    origin: str
    cause: str
    habit: str = ""


class Change(NamedTuple):
    """Something was set: a row of the history."""

    second: float
    entity_id: str
    state: str
    origin: str


@dataclass
class World:
    """The state of every thing, from one day to the next, and how often each habit really happened."""

    rng: Random
    states: dict[str, str] = field(default_factory=lambda: dict(FIRST_STATES))
    before: dict[str, str] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    left: list[Intent] = field(default_factory=list)

    def live(self, day: Day, intents: Iterable[Intent]) -> list[Change]:
        """One day. What would happen after midnight waits for the next."""
        queue = [*intents, *self.left]
        heapq.heapify(queue)
        self.left = []
        changes: list[Change] = []
        while queue:
            intent = heapq.heappop(queue)
            if intent.second >= DAY_END:
                self.left.append(intent._replace(second=intent.second - DAY_END))
            elif day.exists(intent.second) and (change := self._happens(intent)) is not None:
                changes.append(change)
                for follow in self._consequences(day, intent):
                    heapq.heappush(queue, follow)
        return changes

    def _happens(self, intent: Intent) -> Change | None:
        entity, now = intent.entity_id, self.states.get(intent.entity_id, "off")
        state = self.before.pop(entity, now) if intent.state == RESTORED else intent.state
        if state == now or (now == "unavailable" and intent.state != RESTORED):
            return None
        if state == "unavailable":
            self.before[entity] = now
        self.states[entity] = state
        self.happened.update([intent.habit] if intent.habit else [])
        return Change(max(intent.second, 0.0), entity, state, intent.origin)

    def _consequences(self, day: Day, intent: Intent) -> Iterable[Intent]:
        entity, second = intent.entity_id, intent.second
        if entity in LINGER_MINUTES and intent.state == ON_STATES.get(entity, "on"):
            low, high = LINGER_MINUTES[entity]
            yield Intent(second + self.rng.uniform(low, high) * MINUTE, entity, "off", "manual", "linger")
        for reaction in REACTIONS:
            called = (reaction.trigger_entity_id, reaction.trigger_state) == (entity, intent.state)
            noticed = called and intent.cause == "person" and reaction.due(day, second)
            if noticed and self.rng.random() < reaction.probability:
                later = second + self.rng.uniform(*reaction.delay_seconds)
                yield Intent(later, reaction.entity_id, reaction.state, "manual", "person", reaction.name)
