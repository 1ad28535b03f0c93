"""Which day is what: the calendar says weekday or weekend, life says otherwise now and then.

workday, weekend    by the calendar            departure, trip.., return    days away
holiday             public, or a week off      sick, guests                 beside the kind
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, Literal
from zoneinfo import ZoneInfo

from modules.training.internal.simulation.place import Place

DAY: Final = 86_400.0
DayKind = Literal["workday", "weekend", "holiday", "departure", "trip", "return"]
PUBLIC_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)})


@dataclass(frozen=True)
class Luck:
    """How life deviates: weeks between trips and their nights, weeks off at home in ten, sick spells and guests."""

    weeks_between_trips: int = 7
    nights: tuple[int, int] = (3, 4)
    weeks_off: float = 0.04
    sick_a_day: float = 0.012
    guests_a_weekend_day: float = 0.14


@dataclass(frozen=True)
class Day:
    """One day; times of day are seconds of the wall clock since midnight, `start` is its midnight since the first."""

    index: int
    date: date
    kind: DayKind
    sunrise: float
    sunset: float
    guests: bool = False
    sick: frozenset[str] = frozenset()

    @property
    def start(self) -> float:
        return self.index * DAY

    @property
    def weekend(self) -> bool:
        """By the calendar."""
        return self.date.weekday() >= 5

    @property
    def works(self) -> bool:
        """Whether people who work do so: what weekday habits follow."""
        return self.kind == "workday"

    def dark(self, second: float) -> bool:
        return second < self.sunrise or second > self.sunset


def calendar(place: Place, luck: Luck, names: Sequence[str], first: date, weeks: int, rng: Random) -> tuple[Day, ...]:
    """The days of the simulation, from `first` on."""
    count = weeks * 7
    trips = _trips(luck, weeks, rng)
    off = {week for week in range(weeks) if rng.random() < luck.weeks_off}
    sick = {name: _spells(luck, count, rng) for name in names}
    found = []
    for index in range(count):
        day = first + timedelta(days=index)
        rise, fall = place.sun(day)
        ill = frozenset(name for name in names if index in sick[name])
        kind = trips.get(index) or _kind(day, index // 7 in off, rng)
        guests = rng.random() < luck.guests_a_weekend_day * (1.0 if day.weekday() >= 4 else 0.25)
        found.append(Day(index, day, kind, rise, fall, guests and index not in trips, ill))
    return tuple(found)


def skipped(zone: str, first: date, days: int) -> tuple[tuple[float, float], ...]:
    """The stretches of the wall clock that it leaves out in spring: nothing can happen in them."""
    home = ZoneInfo(zone)
    found: list[tuple[float, float]] = []
    for index in range(days):
        midnight = datetime(first.year, first.month, first.day) + timedelta(days=index)
        if _offset(midnight, home) != _offset(midnight + timedelta(days=1), home):
            missing = [at for at in range(0, 86_400, 900) if not _exists(midnight + timedelta(seconds=at), home)]
            if missing:
                found.append((index * DAY + missing[0], index * DAY + missing[-1] + 900.0))
    return tuple(found)


def _exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def _offset(wall: datetime, zone: ZoneInfo) -> timedelta | None:
    return wall.replace(tzinfo=zone).utcoffset()


def _kind(day: date, off: bool, rng: Random) -> DayKind:
    luck = rng.random()
    if day.weekday() >= 5:
        return "weekend"
    return "holiday" if off or (day.month, day.day) in PUBLIC_HOLIDAYS or luck < 0.015 else "workday"


def _trips(luck: Luck, weeks: int, rng: Random) -> dict[int, DayKind]:
    """Days away, Fridays first; the first and the last week are spent at home."""
    away: dict[int, DayKind] = {}
    every = luck.weeks_between_trips
    for first in range(1, weeks - 1, every):
        start = min(first + rng.randrange(every), weeks - 2) * 7 + 4
        nights = rng.randint(*luck.nights)
        for index in range(start, min(start + nights + 1, weeks * 7)):
            away[index] = "departure" if index == start else "return" if index == start + nights else "trip"
    return away


def _spells(luck: Luck, count: int, rng: Random) -> set[int]:
    ill: set[int] = set()
    for index in range(count):
        if rng.random() < luck.sick_a_day:
            ill.update(range(index, index + rng.randint(1, 4)))
    return ill
