"""Lets intents happen in order of time: what changes nothing is dropped, what happened calls for what follows.

intent -> due? (somebody at home, the thing there, the hour exists) -> change, written down -> consequences -> intents
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from modules.training.internal.simulation.calendar import DAY, Day
from modules.training.internal.simulation.devices import AWAY, Device
from modules.training.internal.simulation.habits import Condition, Habit

MANUAL: Final = "manual"
AUTOMATION: Final = "automation"
UNKNOWN: Final = "unknown"
GUESTS_DISTRACT: Final = 0.7
"""How much of a habit's strength is left on a day with guests."""


class Intent(NamedTuple):
    """Something is about to be set, `second` after the first midnight.

    `cause`: person, whim, house, cat, … Only what a person caused calls for reactions. `hold`: a motion sensor stays on
    at least so long. `habit`: which one this is for. `asked`: whether the habit's chance has been taken already.
    """

    second: float
    entity_id: str
    state: str
    origin: str
    cause: str
    hold: float = 0.0
    habit: Habit | None = None
    asked: bool = False


class Change(NamedTuple):
    """Something was set: a row of the history."""

    second: float
    entity_id: str
    state: str
    origin: str


@dataclass
class Account:
    """How often a habit was possible, and each act that followed it: (second, entity, state in the row)."""

    chances: int = 0
    acts: list[tuple[float, str, str]] = field(default_factory=list)


Follow = Callable[["World", Intent, Day], Iterable[Intent]]
"""What an event calls for."""


@dataclass
class World:
    """The state of everything, and who is where. `skipped`: stretches of the clock that do not exist."""

    days: Sequence[Day]
    devices: Mapping[str, Device]
    skipped: Sequence[tuple[float, float]]
    rng: Random
    follow: Follow
    states: dict[str, str]
    where: dict[str, tuple[str, bool]]
    """By person: the room, and whether asleep."""
    changes: list[Change] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    touched: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """By entity: how often it changed. Shows whether something happened meanwhile."""
    held: dict[str, float] = field(default_factory=dict)
    _queue: list[tuple[float, int, Intent]] = field(default_factory=list)
    _number: int = 0

    def push(self, intents: Iterable[Intent]) -> None:
        for intent in intents:
            device = self.devices.get(intent.entity_id)
            if device is not None and intent.origin != UNKNOWN:
                intent = intent._replace(second=intent.second + self.rng.uniform(*device.latency))
            self._number += 1
            heapq.heappush(self._queue, (intent.second, self._number, intent))

    def live(self, until: float) -> None:
        """Let everything happen that is due before `until`. An hour that does not exist puts things off by an hour."""
        queue = self._queue
        while queue and queue[0][0] < until:
            _, number, intent = heapq.heappop(queue)
            gap = next(((start, end) for start, end in self.skipped if start <= intent.second < end), None)
            if gap is not None:
                later = intent._replace(second=intent.second + gap[1] - gap[0])
                heapq.heappush(queue, (later.second, number, later))
            elif intent.second >= 0:
                day = self.days[min(int(intent.second // DAY), len(self.days) - 1)]
                self._happens(intent, day)

    def state(self, entity_id: str) -> str:
        return self.states.get(entity_id, "off")

    def anybody(self, *, awake: bool = False) -> bool:
        """Whether somebody is at home."""
        return any(room != AWAY and not (awake and asleep) for room, asleep in self.where.values())

    def holds(self, conditions: Iterable[Condition], second: float) -> bool:
        return all(self._holds(condition, second) for condition in conditions)

    def chance(self, habit: Habit, day: Day) -> bool:
        """Whether the habit is followed this time; the chance is counted."""
        self.accounts[habit.name].chances += 1
        strength = habit.strength * (GUESTS_DISTRACT if day.guests and not habit.automated else 1.0)
        return self.rng.random() < strength

    def _holds(self, condition: Condition, second: float) -> bool:
        day = self.days[min(int(second // DAY), len(self.days) - 1)]
        if condition.kind == "dark":
            return day.dark(second - day.start)
        if condition.kind == "is":
            return self.state(condition.entity_id) == condition.state
        return condition.after <= second % DAY < condition.before

    def _happens(self, intent: Intent, day: Day) -> None:
        if intent.hold:
            self.held[intent.entity_id] = max(self.held.get(intent.entity_id, 0.0), intent.second + intent.hold)
        if intent.entity_id.startswith("@"):
            self.push(self.follow(self, intent, day))
            return
        if not self._goes(intent, day):
            return
        written = self._set(intent)
        if written and intent.habit is not None:
            self.accounts[intent.habit.name].acts.append((intent.second, intent.entity_id, written))
        if written:
            self.touched[intent.entity_id] += 1
            self.push(self.follow(self, intent, day))

    def _goes(self, intent: Intent, day: Day) -> bool:
        """Whether it comes to that: a hand needs somebody at home, a habit its day, its conditions and its luck."""
        if intent.origin == MANUAL and intent.cause != "leaving" and not self.anybody():
            return self._later(intent)
        if intent.cause == "hold" and intent.second < self.held.get(intent.entity_id, 0.0):
            self.push([intent._replace(second=self.held[intent.entity_id])])
            return False
        habit = intent.habit
        if habit is None or intent.asked:
            return True
        possible = self._settled(intent.entity_id) != intent.state and self.holds(habit.conditions, intent.second)
        return possible and self.chance(habit, day)

    def _later(self, intent: Intent) -> bool:
        """What was left on is switched off when somebody is back."""
        if intent.cause == "linger":
            self.push([intent._replace(second=intent.second + self.rng.uniform(15, 45) * 60.0)])
        return False

    def _settled(self, entity_id: str) -> str:
        return {"opening": "open", "closing": "closed"}.get(self.state(entity_id), self.state(entity_id))

    def _set(self, intent: Intent) -> str:
        """The state that is written, or nothing if nothing changes. A cover takes its time."""
        entity, state = intent.entity_id, intent.state
        device = self.devices.get(entity)
        if device is not None and device.travel and intent.cause != "travel":
            if self._settled(entity) == state:
                return ""
            self.push([Intent(intent.second + device.travel, entity, state, UNKNOWN, "travel")])
            state = "opening" if state == "open" else "closing"
        elif intent.cause == "travel" and self._settled(entity) != state:
            return ""
        if self.state(entity) == state:
            return ""
        self.states[entity] = state
        self.changes.append(Change(intent.second, entity, state, intent.origin))
        return state
