"""The clock as a circle: when the home is awake, how much of that falls into a window, and where an arc pays best.

A profile is the home's activity by the clock: `SLOTS` shares that sum to 1, slot 0 begins at midnight. It is what "by
chance" means for a time of day: people do nothing at four in the morning, so doing something at seven proves little.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.discovery import Floats

SLOTS: Final = 288
SLOT_MS: Final = DAY_MS // SLOTS
SHARP_MINUTES: Final = 20.0
"""Smoothing of the home's activity: sharper would follow single days."""
BROAD_MINUTES: Final = 120.0
"""Smoothing of one target's own gestures: what a part of the day looks like, with no clock time in it."""
_PRIOR: Final = 48.0
"""Slots' worth of an even day mixed in, so that a home with little activity has no hour that is impossible."""


def slots(local: NDArray[np.int64]) -> NDArray[np.int64]:
    """The slot of each local time."""
    return (local % DAY_MS) // SLOT_MS


def profile(counts: Floats, minutes: float) -> Floats:
    """Counts per slot as smooth shares: a circular Gaussian of that width, and a little of an even day."""
    distance = np.minimum(np.arange(SLOTS), SLOTS - np.arange(SLOTS)) * (1440.0 / SLOTS)
    kernel = np.exp(-0.5 * (distance / minutes) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(counts) * np.fft.rfft(kernel / kernel.sum()), SLOTS)
    smooth = np.maximum(smooth, 0.0) + _PRIOR / SLOTS
    shares: Floats = smooth / smooth.sum()
    return shares


def mass(shares: Floats, starts: NDArray[np.int64], width: int) -> Floats:
    """The share within windows of `width` slots that begin at slots `starts`, over midnight where they reach it."""
    edges = np.concatenate(([0.0], np.cumsum(np.tile(shares, 2))))
    held: Floats = edges[starts + width] - edges[starts]
    return held


def turned(local: NDArray[np.int64], shares: Floats, turn: Floats) -> NDArray[np.int64]:
    """Turn clock times along the circle by `turn` (0 to 1) of the day's *activity*; the local day stays.

    A uniform turn makes the clock times distributed as the activity itself, whatever they were before.
    """
    edges = np.concatenate(([0.0], np.cumsum(shares)))
    edges /= edges[-1]
    clock = np.arange(SLOTS + 1) * float(SLOT_MS)
    phase = (np.interp((local % DAY_MS).astype(np.float64), clock, edges) + turn) % 1.0
    within = np.minimum(np.interp(phase, edges, clock).astype(np.int64), DAY_MS - 1)
    moved: NDArray[np.int64] = (local // DAY_MS) * DAY_MS + within
    return moved


def best_arc(values: Floats) -> tuple[int, int, float]:
    """The arc (start, length, sum) of a circle of values with the largest sum; the shortest of equals."""
    n = len(values)
    edges = np.concatenate(([0.0], np.cumsum(np.tile(values, 2))))
    lengths = np.arange(1, n + 1)
    sums = edges[np.arange(n)[None, :] + lengths[:, None]] - edges[:n][None, :]
    at = int(np.argmax(np.round(sums, 9)))
    return at % n, at // n + 1, float(sums.flat[at])
