"""Local times to UTC, also on the two days a year on which the clock is changed.

In spring some local times do not exist: they are taken to be on the clock before the change, so that 02:30 becomes
03:30. In autumn some exist twice: rows are expected in the order in which things happened, so the first pass lasts
until a row steps back, or comes after a row that is later. A file that is sorted by its local times has lost that
order; then all are taken for the first pass. Both are counted, for people to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from modules.patterns.errors import UnknownZone
from modules.patterns.internal.domain.log import Flags
from modules.patterns.internal.history.intake import WallClock

_SLOT_SECONDS: Final = 900
"""Since 1970 clocks are changed at quarters of an hour (Lord Howe by half an hour)."""
_JITTER_SECONDS: Final = 2
"""Writers swap rows that are so close; that is no step back."""
_NEAR_SECONDS: Final = 3 * 3_600
_EPOCH: Final = datetime(1970, 1, 1)
Seconds = NDArray[np.int64]


def zone_named(name: str) -> ZoneInfo:
    """The zone. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise UnknownZone(zone=name) from None


@dataclass(frozen=True)
class Resolved:
    """`utc` seconds; where the local time exists twice (`ambiguous`) and where it does not exist (`missing`)."""

    utc: Seconds
    ambiguous: Flags
    missing: Flags


class LocalTimes:
    """Reads the column of local times of one file, block by block, in the file's order."""

    def __init__(self, zone: ZoneInfo, since: WallClock) -> None:
        self._zone = zone
        self.state = since
        self._offsets: dict[int, tuple[int, int]] = {}

    def resolve(self, local: Seconds) -> Resolved:
        """The next rows, as seconds since 1970 on the wall clock."""
        slots, inverse = np.unique(local // _SLOT_SECONDS, return_inverse=True)
        both = np.array([self._both(int(slot)) for slot in slots], np.int64).reshape(-1, 2)[inverse]
        first, second = both[:, 0], both[:, 1]
        ambiguous = first > second
        utc = local - first
        for index in np.flatnonzero(ambiguous):
            self._step(local, ambiguous, int(index))
            if self.state.second_pass:
                utc[index] = local[index] - second[index]
        if len(local):
            last = bool(ambiguous[-1])
            self.state = WallClock(
                before=int(local[-1]), was_ambiguous=last, second_pass=last and self.state.second_pass
            )
        return Resolved(utc, ambiguous, first < second)

    def _step(self, local: Seconds, ambiguous: Flags, index: int) -> None:
        """Decide for a row whose time exists twice, by the row before it."""
        now = int(local[index])
        before = int(local[index - 1]) if index else self.state.before
        was_ambiguous = bool(ambiguous[index - 1]) if index else self.state.was_ambiguous
        if before is None or abs(now - before) > _NEAR_SECONDS:
            again = False
        else:
            again = before - now > _JITTER_SECONDS or (was_ambiguous and self.state.second_pass)
        self.state = WallClock(before=now, was_ambiguous=True, second_pass=again)

    def _both(self, slot: int) -> tuple[int, int]:
        """The slot's offset from UTC in seconds, taken for the first and for the second time."""
        known = self._offsets.get(slot)
        if known is None:
            at = (_EPOCH + timedelta(seconds=slot * _SLOT_SECONDS)).replace(tzinfo=self._zone)
            known = (_seconds(at), _seconds(at.replace(fold=1)))
            self._offsets[slot] = known
        return known


def _seconds(at: datetime) -> int:
    return round((at.utcoffset() or timedelta()).total_seconds())
