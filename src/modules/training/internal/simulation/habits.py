"""What people do as a rule: the kinds of habit that can be planted, and when each is due.

    AtTime, AtSun       the clock, or sunrise and sunset          After       a reaction to another thing
    Crossing            a number passes a level, with hysteresis  LastMotion  nobody has moved for a while
    Held                a thing has been on for so long           Scene       the rest of what goes together

A habit is a wish: it happens with its `strength`, on its days, under its conditions, by somebody who is at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from modules.training.internal.simulation.calendar import DAY, Day
from modules.training.internal.simulation.people import MINUTE

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DayType = Literal["all", "weekday", "weekend", "mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Seconds = tuple[float, float]


class Condition(NamedTuple):
    """`dark`: the sun is below the horizon. `is`: an entity has a state. `between`: seconds after midnight."""

    kind: Literal["dark", "is", "between"]
    entity_id: str = ""
    state: str = ""
    after: float = 0.0
    before: float = DAY


class Step(NamedTuple):
    """A further act of a scene, so many seconds after the first."""

    entity_id: str
    state: str
    delay: Seconds


@dataclass(frozen=True, kw_only=True)
class Habit:
    """`first_day`, `last_day` (exclusive): while it is a habit. `automated`: the home's own automation does it."""

    name: str
    entity_id: str
    state: str
    strength: float
    days: DayType = "all"
    conditions: tuple[Condition, ...] = ()
    first_day: int = 0
    last_day: int | None = None
    automated: bool = False

    @property
    def origin(self) -> str:
        return "automation" if self.automated else "manual"

    def on(self, day: Day) -> bool:
        """Whether it is due on that day; a weekday habit rests on holidays, an automation does not."""
        if day.index < self.first_day or (self.last_day is not None and day.index >= self.last_day):
            return False
        if self.days == "all":
            return True
        if self.days in WEEKDAYS:
            return day.date.weekday() == WEEKDAYS.index(self.days)
        free = day.weekend if self.automated else not day.works
        return free == (self.days == "weekend")


@dataclass(frozen=True, kw_only=True)
class AtTime(Habit):
    """At about `at` seconds after midnight; may fall after midnight. `drift`: minutes a week that it moves."""

    at: float
    jitter_minutes: float
    drift: float = 0.0

    def moment(self, day: Day, rng: Random) -> float:
        return day.start + self.usual(day.index) + rng.gauss(0.0, self.jitter_minutes) * MINUTE

    def usual(self, day_index: int) -> float:
        return self.at + self.drift * MINUTE * (day_index - self.first_day) / 7


@dataclass(frozen=True, kw_only=True)
class AtSun(Habit):
    """At about `offset_minutes` after sunrise or sunset."""

    event: Literal["sunrise", "sunset"]
    offset_minutes: float
    jitter_minutes: float

    def moment(self, day: Day, rng: Random) -> float:
        sun = day.sunrise if self.event == "sunrise" else day.sunset
        return day.start + sun + (self.offset_minutes + rng.gauss(0.0, self.jitter_minutes)) * MINUTE


@dataclass(frozen=True, kw_only=True)
class After(Habit):
    """Soon after a thing took a state, by the person who caused that or noticed it."""

    trigger_entity_id: str
    trigger_state: str
    delay: Seconds


@dataclass(frozen=True, kw_only=True)
class Scene(After):
    """A reaction of several acts that belong together; `entity_id` and `state` are the first of them."""

    further: tuple[Step, ...]
    sequence: bool = False
    """Whether the order matters."""


@dataclass(frozen=True, kw_only=True)
class Crossing(Habit):
    """A number passed `level`; it counts again when it has been back beyond `rearm`."""

    sensor: str
    level: float
    rearm: float
    delay: Seconds

    @property
    def rising(self) -> bool:
        return self.rearm < self.level

    def beyond(self, value: float) -> bool:
        return value > self.level if self.rising else value < self.level

    def back(self, value: float) -> bool:
        return value < self.rearm if self.rising else value > self.rearm


@dataclass(frozen=True, kw_only=True)
class LastMotion(Habit):
    """Somebody notices that a room with the thing still on has been without motion for about `minutes`."""

    sensor: str
    minutes: float
    jitter_minutes: float

    def pause(self, rng: Random) -> float:
        return max(self.minutes + rng.gauss(0.0, self.jitter_minutes), 0.5) * MINUTE


@dataclass(frozen=True, kw_only=True)
class Held(Habit):
    """About `minutes` after the thing was put into `held`."""

    held: str
    minutes: float
    jitter_minutes: float

    def pause(self, rng: Random) -> float:
        return max(self.minutes + rng.gauss(0.0, self.jitter_minutes), 0.5) * MINUTE
