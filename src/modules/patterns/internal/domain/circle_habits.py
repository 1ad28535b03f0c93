"""Habits of the clock: is a gesture made within one window of the day more often than the home's day explains?

Windows of four widths start at every quarter of an hour, round midnight too. A window's day is the day on which it
starts. For each target, day type and window the number is counted of days on which the gesture fell into it, among the
days that saw the gesture at all. Chance gives each of a day's k gestures the window's share F, so the day hits with
1 - (1 - F)^k. F is the larger of two shares: of the home's activity without this entity, and of the target's own
gestures smoothed over hours. A habit must beat both: "people are up then" and "that is an evening thing".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain import circle
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.daytypes import DAY_TYPES, of_type
from modules.patterns.internal.domain.discovery import Counts, Floats, tail
from modules.patterns.internal.domain.log import Flags

QUARTERS: Final = 96
QUARTER_MS: Final = DAY_MS // QUARTERS
WIDTHS: Final = (1, 2, 4, 8)
"""Quarters of an hour."""
_SLOTS_PER_QUARTER: Final = circle.SLOTS // QUARTERS
NULL: Final = (
    "the same number of gestures per day, each at a time drawn from when this home is active "
    "(or, if that makes the window likelier, from this gesture's own part of the day)"
)


@dataclass(frozen=True)
class WindowTests:
    """Every window tried for one target. All arrays are [day type, width, start quarter]."""

    hits: Counts
    days: Counts
    expected: Floats
    p: Floats


def windows(local: NDArray[np.int64], first_day: int, observed: Flags, activity: Floats) -> WindowTests:
    """Test every window. `local`: the target's gestures, local ms; `observed[i]`: day first_day + i has events."""
    own = circle.profile(
        np.bincount(circle.slots(local), minlength=circle.SLOTS).astype(np.float64), circle.BROAD_MINUTES
    )
    edges = _running(local, first_day, len(observed))
    flat = np.arange(len(observed) * QUARTERS)
    made = (edges[flat + QUARTERS] - edges[flat]).reshape(-1, QUARTERS)
    could = (made > 0) & observed[:, None]
    types = np.stack([of_type(first_day + np.arange(len(observed)), day_type) for day_type in DAY_TYPES])
    days = types.astype(np.int64) @ could.astype(np.int64)
    shape = (len(DAY_TYPES), len(WIDTHS), QUARTERS)
    hits, expected = np.zeros(shape, np.int64), np.zeros(shape)
    starts = np.arange(QUARTERS) * _SLOTS_PER_QUARTER
    for at, width in enumerate(WIDTHS):
        share = np.maximum(*(circle.mass(shares, starts, width * _SLOTS_PER_QUARTER) for shares in (activity, own)))
        hit = ((edges[flat + width] - edges[flat]).reshape(-1, QUARTERS) > 0) & could
        chance = np.where(could, 1.0 - (1.0 - np.minimum(share, 1.0)) ** made, 0.0)
        hits[:, at] = types.astype(np.int64) @ hit.astype(np.int64)
        expected[:, at] = types.astype(np.float64) @ chance
    possible = np.broadcast_to(days[:, None, :], shape).copy()
    return WindowTests(hits, possible, expected, tail(hits, possible, expected))


def _running(local: NDArray[np.int64], first_day: int, days: int) -> NDArray[np.int64]:
    """How many gestures came before each quarter of the stretch, a day more at its end."""
    quarter = local // QUARTER_MS - first_day * QUARTERS
    quarter = quarter[(quarter >= 0) & (quarter < days * QUARTERS)]
    counts = np.bincount(quarter, minlength=(days + 1) * QUARTERS)
    return np.concatenate(([0], np.cumsum(counts)))


def peaks(q: Floats, rate: float, most: int) -> list[tuple[int, int]]:
    """The (width, start) of discoveries in q[width, start], best first, none overlapping a better one."""
    order = np.argsort(q, axis=None, kind="stable")
    taken = np.zeros(QUARTERS, np.bool_)
    found: list[tuple[int, int]] = []
    for flat in order:
        width, start = divmod(int(flat), QUARTERS)
        if q[width, start] > rate or len(found) == most:
            break
        covered = (start + np.arange(WIDTHS[width])) % QUARTERS
        if not taken[covered].any():
            taken[covered] = True
            found.append((width, start))
    return found
