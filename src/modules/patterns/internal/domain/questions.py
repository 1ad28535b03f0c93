"""Answers that can be read off one entity's timeline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.clock import LocalClock, weekday_of
from modules.patterns.internal.domain.log import Flags, Times
from modules.patterns.internal.domain.timeline import Timeline

_HOUR_MS = 3_600_000


@dataclass(frozen=True)
class TimeIn:
    """Milliseconds in a state, and milliseconds of which nothing is known; how often the state was entered."""

    inside_ms: int
    unknown_ms: int
    entered: int


def last_into(line: Timeline, state: int | None) -> int | None:
    """The row of the last transition (into a state). The first row is none: how it came about is not known."""
    rows = np.flatnonzero(line.states[1:] == state) + 1 if state is not None else np.arange(1, len(line))
    return int(rows[-1]) if len(rows) else None


def time_in(
    line: Timeline, state: int | None, without_value: Collection[int], start_ms: int, end_ms: int, last_ms: int
) -> TimeIn:
    """Of start <= t < end. `last_ms`: where the record ends. `without_value`: states that tell nothing."""
    edges = np.clip(np.append(line.times, max(last_ms, start_ms)), start_ms, min(end_ms, max(last_ms, start_ms)))
    lengths = np.diff(edges)
    inside = line.states == (-1 if state is None else state)
    silent = np.isin(line.states, sorted(without_value)) & ~inside
    known = int(lengths[~silent].sum())
    entered = inside[1:] & (line.times[1:] >= start_ms) & (line.times[1:] < end_ms)
    return TimeIn(int(lengths[inside].sum()), end_ms - start_ms - known, int(np.count_nonzero(entered)))


def changes_into(line: Timeline, state: int | None, without_value: Collection[int]) -> NDArray[np.int64]:
    """The rows of transitions into a state (None: any). A device that comes back has not changed."""
    into, out_of = line.states[1:], line.states[:-1]
    silent: Flags = np.isin(into, sorted(without_value)) | np.isin(out_of, sorted(without_value))
    if state is None:
        return np.flatnonzero(~silent) + 1
    return np.flatnonzero((into == state) & (~silent | (state in without_value))) + 1


def by_hour(times: Times, clock: LocalClock) -> NDArray[np.int64]:
    """int64[7, 24]: how many fall on each local weekday and hour, Monday first."""
    cells = clock.weekday(times) * 24 + clock.time_of_day_ms(times) // _HOUR_MS
    return np.bincount(cells, minlength=7 * 24).reshape(7, 24)


def days_touched(start_ms: int, end_ms: int, clock: LocalClock) -> NDArray[np.int64]:
    """int64[7]: how many Mondays, Tuesdays, … start <= t < end touches."""
    if end_ms <= start_ms:
        return np.zeros(7, np.int64)
    first, last = (int(day) for day in clock.day(np.array((start_ms, end_ms - 1), np.int64)))
    return np.bincount(weekday_of(np.arange(first, last + 1, dtype=np.int64)), minlength=7)
