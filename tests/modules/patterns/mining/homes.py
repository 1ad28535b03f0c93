"""Small seeded homes with planted habits and noise, told in the home's own clock (UTC unless said)."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from modules.patterns.internal.domain.learn import learn
from modules.patterns.internal.domain.log import AUTOMATION, MANUAL, UNKNOWN, Log
from modules.patterns.types import DayType, Habit, LearnReport, LearnRequest

DAY: Final = 86_400_000
HOUR: Final = 3_600_000
MINUTE: Final = 60_000
MONDAY: Final = 20_458 * DAY
"""5 January 2026, as milliseconds."""
NOW: Final = datetime(2026, 7, 1, tzinfo=UTC)


class Home:
    """Rows are (local ms, entity, state, origin); day 0 is a Monday."""

    def __init__(self, seed: int = 1, days: int = 84) -> None:
        self.random = Random(seed)
        self.days = days
        self.rows: list[tuple[int, str, str, int]] = []

    def switch(self, at: int, entity_id: str, state: str, origin: int = MANUAL) -> None:
        self.rows.append((MONDAY + at, entity_id, state, origin))

    def use(self, at: int, entity_id: str, minutes: float, origin: int = MANUAL) -> None:
        """On, and off again after about so many minutes."""
        self.switch(at, entity_id, "on", origin)
        self.switch(at + int(minutes * MINUTE * self.random.uniform(0.7, 1.3)), entity_id, "off", origin)

    def habit(
        self, entity_id: str, clock: float, day_type: DayType = "all", chance: float = 0.95, jitter: float = 3.0
    ) -> Home:
        """Switched on at about `clock` hours after midnight (24 or more: after the midnight that ends the day)."""
        for day in range(self.days):
            if _is(day, day_type) and self.random.random() < chance:
                minutes = self.random.gauss(0.0, jitter)
                self.use(day * DAY + int(clock * HOUR + minutes * MINUTE), entity_id, self.random.uniform(20, 600))
        return self

    def whims(self, entity_id: str, per_day: float = 2.0) -> Home:
        """Used at any waking moment."""
        for day in range(self.days):
            for _ in range(int(per_day + self.random.random())):
                self.use(day * DAY + int(self.random.uniform(7, 23) * HOUR), entity_id, 20)
        return self

    def motion(self, entity_id: str, per_day: int = 40) -> list[int]:
        """Somebody passes at any waking moment; gives when."""
        seen = sorted(
            day * DAY + int(self.random.uniform(6.5, 23.5) * HOUR) for day in range(self.days) for _ in range(per_day)
        )
        for at in seen:
            self.switch(at, entity_id, "on", UNKNOWN)
            self.switch(at + 30_000, entity_id, "off", UNKNOWN)
        return seen

    def reaction(
        self, seen: list[int], entity_id: str, seconds: float = 5.0, chance: float = 0.9, minutes: float = 4.0
    ) -> Home:
        """Switched on soon after each of `seen` at which it is off."""
        free = 0
        for at in seen:
            if at >= free and self.random.random() < chance:
                moment = at + int(seconds * 1000 * self.random.uniform(0.6, 1.4))
                self.use(moment, entity_id, minutes)
                free = moment + int(2 * minutes * MINUTE)
        return self

    def log(self, zone: str = "UTC", shuffled: int | None = None) -> Log:
        """`shuffled`: name codes and equal times in another order, as another import would."""
        entity_ids, states = sorted({row[1] for row in self.rows}), sorted({row[2] for row in self.rows})
        if shuffled is not None:
            Random(shuffled).shuffle(entity_ids)
            Random(shuffled).shuffle(states)
        entity, state = {n: c for c, n in enumerate(entity_ids)}, {n: c for c, n in enumerate(states)}
        offset = datetime.fromtimestamp(MONDAY / 1000, ZoneInfo(zone)).utcoffset()
        shift = round(offset.total_seconds() * 1000) if offset else 0
        origins = {(at - shift, entity[name], state[value]): origin for at, name, value, origin in self.rows}
        keys = sorted(origins)
        columns = np.array(keys, np.int64).reshape(-1, 3)
        return Log(
            times=columns[:, 0].copy(),
            entities=columns[:, 1].astype(np.int32),
            states=columns[:, 2].astype(np.int32),
            origins=np.array([origins[key] for key in keys], np.uint8),
            entity_ids=tuple(entity_ids),
            state_names=tuple(states),
            zone=ZoneInfo(zone),
        )


def lived_in(seed: int = 1, days: int = 84) -> Home:
    """A home with a clock habit, a reaction, and lights and sensors that mean nothing."""
    home = Home(seed, days)
    home.habit("light.kitchen", 6.75, "weekday")
    home.reaction(home.motion("binary_sensor.hall_motion", 12), "light.hall")
    home.motion("binary_sensor.garden_motion")
    return home.whims("light.study").whims("switch.fan_heater_plug", 1.0)


def learned(log: Log, **asked: object) -> tuple[LearnReport, tuple[Habit, ...]]:
    return learn(log, LearnRequest(**asked), NOW, lambda stage, done, total: None)  # type: ignore[arg-type]


def told(habits: tuple[Habit, ...]) -> list[str]:
    return [habit.sentence for habit in habits]


def _is(day: int, day_type: DayType) -> bool:
    return day_type == "all" or (day % 7 >= 5) == (day_type == "weekend")


__all__ = ["AUTOMATION", "DAY", "HOUR", "MINUTE", "MONDAY", "NOW", "Home", "learned", "lived_in", "told"]
