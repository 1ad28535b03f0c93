"""Which day is what: the calendar says weekday or weekend, life says otherwise now and then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset

from homewright.simulation import home

DayKind = Literal["workday", "weekend", "holiday", "sick", "trip"]


@dataclass(frozen=True)
class Day:
    """One day. Times of day are seconds of the wall clock since midnight."""

    date: date
    kind: DayKind
    sunrise: float
    sunset: float

    @property
    def weekend(self) -> bool:
        """By the calendar."""
        return self.date.weekday() >= 5

    def dark(self, second: float) -> bool:
        return second < self.sunrise or second > self.sunset

    def moment(self, second: float) -> datetime:
        """The wall clock's date and time, to the millisecond."""
        return datetime.combine(self.date, time()) + timedelta(milliseconds=round(second * 1000))

    def exists(self, second: float) -> bool:
        """False in the hour that the clock leaves out in spring."""
        moment = self.moment(second)
        there_and_back = moment.replace(tzinfo=ZoneInfo(home.ZONE)).astimezone(UTC).astimezone(ZoneInfo(home.ZONE))
        return there_and_back.replace(tzinfo=None) == moment


def days(seed: int, weeks: int) -> list[Day]:
    """The days of the demo, from FIRST_DAY on: one trip in twelve weeks, some holidays, a few sick days."""
    rng = Random(f"calendar {seed}")
    count = weeks * 7
    trips = _trips(rng, weeks)
    return [_day(home.FIRST_DAY + timedelta(days=index), index in trips, rng) for index in range(count)]


def _trips(rng: Random, weeks: int) -> set[int]:
    """A long weekend away, Friday to Monday, about every six weeks."""
    away: set[int] = set()
    for first in range(0, weeks - 1, 6):
        friday = rng.randrange(first, min(first + 6, weeks - 1)) * 7 + 4
        away.update(range(friday, friday + 4))
    return away


def _day(day: date, trip: bool, rng: Random) -> Day:
    luck = rng.random()
    kind: DayKind = "weekend" if day.weekday() >= 5 else "workday"
    if trip:
        kind = "trip"
    elif kind == "workday" and luck < 0.05:
        kind = "holiday" if luck < 0.03 else "sick"
    observer = Observer(latitude=home.LATITUDE, longitude=home.LONGITUDE)
    return Day(
        date=day,
        kind=kind,
        sunrise=_seconds(sunrise(observer, day, tzinfo=home.ZONE)),
        sunset=_seconds(sunset(observer, day, tzinfo=home.ZONE)),
    )


def _seconds(moment: datetime) -> float:
    return moment.hour * 3600.0 + moment.minute * 60.0 + moment.second
