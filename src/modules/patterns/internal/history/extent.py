"""How much there is: counted month by month, so that nothing needs all of it in memory."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from modules.patterns.internal.domain.clock import LocalClock, clock_in
from modules.patterns.internal.domain.log import Times
from modules.patterns.internal.history.shelf import Shelf
from modules.patterns.types import Place


@dataclass(frozen=True)
class Extent:
    """`span`: the times of the first and the last change. `days`: local days that hold changes."""

    changes: int
    days: int
    span: tuple[int, int] | None
    place: Place


def extent(shelf: Shelf) -> Extent:
    """The extent of what is visible. The shelf must have the tail of all entities."""
    span = shelf.span
    if span is None:
        return Extent(0, 0, None, shelf.place)
    clock = clock_in(ZoneInfo(shelf.place.zone), *span)
    changes, days = 0, set[int]()
    for month in shelf.months():
        times = shelf.times(month)
        changes += len(times)
        days.update(_days(times, clock))
    return Extent(changes, len(days), span, shelf.place)


def _days(times: Times, clock: LocalClock) -> list[int]:
    """The local days of sorted times, by looking up their midnights instead of each time."""
    first, last = (int(day) for day in clock.day(times[[0, -1]]))
    cuts = np.searchsorted(times, clock.midnights(first, last + 1))
    return (np.flatnonzero(np.diff(cuts)) + first).tolist()
