"""What the two do as a rule: planted, and written down as the ground truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from homewright.simulation.calendar import Day
from homewright.simulation.people import MINUTE, clock

DayType = Literal["all", "weekday", "weekend"]


@dataclass(frozen=True)
class TimeHabit:
    """At about the same time of day. Weekday habits rest on holidays, and all rest on trips."""

    name: str
    day_type: DayType
    entity_id: str
    state: str
    at: str
    jitter_minutes: float
    probability: float

    def due(self, day: Day) -> bool:
        if day.kind == "trip":
            return False
        works = not day.weekend and day.kind != "holiday"
        return self.day_type == "all" or works == (self.day_type == "weekday")

    def moment(self, rng: Random) -> float:
        return clock(self.at) + rng.gauss(0.0, self.jitter_minutes) * MINUTE


@dataclass(frozen=True)
class Reaction:
    """Soon after something else, done by the person who caused it."""

    name: str
    trigger_entity_id: str
    trigger_state: str
    entity_id: str
    state: str
    delay_seconds: tuple[float, float]
    probability: float
    in_the_dark: bool = False

    def due(self, day: Day, second: float) -> bool:
        return not self.in_the_dark or day.dark(second)


Habit = TimeHabit | Reaction

TIMES: tuple[TimeHabit, ...] = (
    TimeHabit("kitchen light on workday mornings", "weekday", "light.kitchen_ceiling", "on", "06:35", 4, 0.94),
    TimeHabit("blinds open on workday mornings", "weekday", "cover.living_room_blinds", "open", "07:20", 5, 0.92),
    TimeHabit("desk lamp on when work begins", "weekday", "light.study_desk", "on", "08:06", 4, 0.92),
    TimeHabit("desk lamp off when work ends", "weekday", "light.study_desk", "off", "17:10", 7, 0.9),
    TimeHabit("living room lamp in the evening", "all", "light.living_room_lamp", "on", "18:45", 7, 0.93),
    TimeHabit("blinds closed in the evening", "all", "cover.living_room_blinds", "closed", "21:30", 6, 0.92),
    TimeHabit("coffee on free mornings", "weekend", "switch.coffee_machine", "on", "09:10", 8, 0.9),
)

REACTIONS: tuple[Reaction, ...] = (
    Reaction(
        "hall light after motion in the dark", "binary_sensor.hall_motion", "on", "light.hall", "on", (2, 7), 0.86, True
    ),
    Reaction(
        "mirror light on entering the bathroom",
        "binary_sensor.bathroom_motion",
        "on",
        "light.bathroom_mirror",
        "on",
        (2, 6),
        0.9,
    ),
    Reaction("fan after the mirror light", "light.bathroom_mirror", "on", "fan.bathroom", "on", (6, 14), 0.86),
    Reaction(
        "ceiling light off when the film starts",
        "media_player.living_room_tv",
        "playing",
        "light.living_room_ceiling",
        "off",
        (5, 14),
        0.9,
    ),
)


def planned(day: Day, rng: Random) -> Iterator[tuple[float, TimeHabit]]:
    """The time-of-day habits that are followed on this day, and when."""
    for habit in TIMES:
        if habit.due(day) and rng.random() < habit.probability:
            yield habit.moment(rng), habit
