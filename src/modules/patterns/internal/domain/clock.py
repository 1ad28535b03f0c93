"""The clock on the wall of the home: local days, weekdays and times of day of UTC instants, and back.

Offsets from UTC are looked up once per zone and span, so that a million instants are converted by two array operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import Flags, Log, Times

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY_OF_DAY_ZERO = 3
"""1 January 1970 was a Thursday."""


@dataclass(frozen=True)
class LocalClock:
    """`offsets` int64[k+1] milliseconds east of UTC; offsets[i] holds from changes[i-1] on (int64[k], UTC ms)."""

    changes: Times
    offsets: Times

    def local_ms(self, at: Times) -> Times:
        """The wall clock's reading, as milliseconds since local midnight of 1 January 1970."""
        return at + self.offsets[np.searchsorted(self.changes, at, side="right")]

    def day(self, at: Times) -> NDArray[np.int64]:
        """The local date, as days since 1 January 1970."""
        return self.local_ms(at) // DAY_MS

    def time_of_day_ms(self, at: Times) -> Times:
        """Milliseconds that the wall clock shows since midnight."""
        return self.local_ms(at) % DAY_MS

    def weekday(self, at: Times) -> NDArray[np.int64]:
        """0 is Monday."""
        return weekday_of(self.day(at))

    def instants(self, first_day: int, last_day: int, time_of_day_ms: int) -> Times:
        """Every instant of those local days at which the wall clock shows a time of day.

        As in Home Assistant: a time that the clock skips in spring does not come that day; one that it shows twice in
        autumn comes twice.
        """
        wall = np.arange(first_day, last_day + 1, dtype=np.int64) * DAY_MS + time_of_day_ms
        tried = [wall - offset for offset in np.unique(self.offsets)]
        found = [at[self.local_ms(at) == wall] for at in tried]
        return np.sort(np.concatenate(found))

    def midnight(self, day: int) -> int:
        """The first instant of a local day."""
        return int(self.midnights(day, day)[0])

    def midnights(self, first_day: int, last_day: int) -> Times:
        """The first instant of each of those local days; of a day that the home's calendar skipped, the next one's."""
        days = np.arange(first_day, last_day + 2, dtype=np.int64)[:, None]
        tried = days * DAY_MS - np.unique(self.offsets)[None, :]
        begins = np.where(self.day(tried) == days, tried, np.iinfo(np.int64).max).min(axis=1)
        return np.minimum.accumulate(begins[::-1])[::-1][:-1]


def weekday_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """The weekday of local days since 1 January 1970; 0 is Monday."""
    return (day + MONDAY_OF_DAY_ZERO) % 7


def clock_of(log: Log, start_ms: int, end_ms: int) -> LocalClock:
    """The home's clock, good for [start_ms, end_ms] and a few days around."""
    return clock_in(log.zone, start_ms, end_ms)


def clock_in(zone: ZoneInfo, start_ms: int, end_ms: int) -> LocalClock:
    """A zone's clock, good for [start_ms, end_ms] and a few days around."""
    return _clock(zone, _year(start_ms) - 1, _year(end_ms) + 1)


def days_with_events(log: Log, start_ms: int, end_ms: int) -> int:
    """How many local days hold at least one change in start_ms <= t < end_ms."""
    times = log.between(start_ms, end_ms).times
    if not len(times):
        return 0
    clock = clock_of(log, int(times[0]), int(times[-1]))
    first, last = (int(day) for day in clock.day(np.array([times[0], times[-1]])))
    cuts = np.searchsorted(times, clock.midnights(first, last + 1))
    return int(np.count_nonzero(np.diff(cuts)))


def in_window(times: Times, start_ms: int, end_ms: int) -> Flags:
    return (times >= start_ms) & (times < end_ms)


def _year(at_ms: int) -> int:
    return (EPOCH + timedelta(milliseconds=at_ms)).year


@lru_cache(maxsize=32)
def _clock(zone: ZoneInfo, first_year: int, last_year: int) -> LocalClock:
    at = datetime(max(first_year, 1), 1, 1, tzinfo=UTC)
    end = datetime(min(last_year + 1, 9998), 1, 1, tzinfo=UTC)
    changes: list[int] = []
    offsets = [_offset(zone, at)]
    while at < end:
        following = at + timedelta(days=1)
        if _offset(zone, following) != offsets[-1]:
            changes.append(_change(zone, at, following))
            offsets.append(_offset(zone, following))
        at = following
    return LocalClock(np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64))


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> int:
    """The second at which the offset changes, by halving."""
    old = _offset(zone, before)
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, EPOCH + timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return high * 1000


def _offset(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    return round((offset or timedelta()).total_seconds() * 1000)
