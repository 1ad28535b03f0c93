"""Habits of reaction: is a gesture made soon after another entity's change more often than chance?

For each cause (an entity takes a state, or stays in it for a while; a number crosses a level) and lag, a gesture is a
hit when the cause came at most the lag and at least a second before it: things that switch within a second are one
gesture, and what comes after the gesture is its consequence. Chance is the jitter null (Amarasingham et al. 2012, J.
Neurophysiol. 107): the same gesture at any other moment of its half hour, so that presence, hour and season are held
fixed. Its probability is the share of the half hour that lies within a lag of the cause; a second share, over the time
that the target had been waiting before the gesture, is taken when it is larger. A day counts once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.discovery import Counts, Floats, tail
from modules.patterns.internal.domain.log import Flags, Times

LAGS_MS: Final = (20_000, 60_000, 300_000)
LEAST_LAG_MS: Final = 1_000
BLOCK_MS: Final = 1_800_000
NULL: Final = (
    "each gesture might as well have been made at any other moment of the same half hour, "
    "or of the time that the target had been waiting"
)


@dataclass(frozen=True)
class Asked:
    """The gestures of all targets, sorted by (target, day, time).

    `since`: when the target last left the state that the gesture gives it (UTC ms); `entities`: the target's code.
    `group_starts`: where each (target, day) begins; `group_targets`: its target. `targets`: how many there are.
    """

    times: Times
    since: Times
    entities: NDArray[np.int32]
    group_starts: NDArray[np.int64]
    group_targets: NDArray[np.int64]
    targets: int


@dataclass(frozen=True)
class CauseTests:
    """One cause against every target. Arrays are [lag, target]."""

    hits: Counts
    days: Counts
    expected: Floats
    p: Floats


class Reach:
    """The time that lies within (least lag, lag] after a cause, as a function that sums it up to any moment."""

    def __init__(self, causes: Times, lag_ms: int) -> None:
        self._starts = causes + LEAST_LAG_MS
        gaps = np.diff(causes, append=np.iinfo(np.int64).max // 2)
        self._lengths = np.minimum(gaps, lag_ms - LEAST_LAG_MS)
        self._before = np.concatenate(([0], np.cumsum(self._lengths)[:-1]))

    def until(self, times: Times) -> Times:
        """Milliseconds within reach before each time."""
        at = np.searchsorted(self._starts, times, side="right") - 1
        safe = np.maximum(at, 0)
        reached = self._before[safe] + np.minimum(times - self._starts[safe], self._lengths[safe])
        return np.where(at < 0, 0, reached)

    def share(self, starts: Times, ends: Times) -> Floats:
        """The share of each stretch that lies within reach."""
        share: Floats = (self.until(ends) - self.until(starts)) / np.maximum(ends - starts, 1)
        return share


def hits(causes: Times, times: Times, lag_ms: int) -> Flags:
    """Which gestures came soon after a cause."""
    at = np.searchsorted(causes, times - LEAST_LAG_MS, side="right") - 1
    soon: Flags = (at >= 0) & (times - causes[np.maximum(at, 0)] <= lag_ms)
    return soon


def against(causes: Times, asked: Asked) -> CauseTests:
    """Test one cause, at every lag, against every target."""
    shape = (len(LAGS_MS), asked.targets)
    hit_days, expected = np.zeros(shape, np.int64), np.zeros(shape)
    days = np.broadcast_to(np.bincount(asked.group_targets, minlength=asked.targets), shape).copy()
    for at, lag in enumerate(LAGS_MS):
        hit = hits(causes, asked.times, lag)
        if not hit.any():
            continue
        miss = np.log1p(-np.minimum(_chance(causes, asked, lag), 1.0 - 1e-9))
        day_hit = np.maximum.reduceat(hit, asked.group_starts)
        day_chance = -np.expm1(np.add.reduceat(miss, asked.group_starts))
        hit_days[at] = np.bincount(asked.group_targets, day_hit, asked.targets).astype(np.int64)
        expected[at] = np.bincount(asked.group_targets, day_chance, asked.targets)
    return CauseTests(hit_days, days, expected, tail(hit_days, days, expected))


def _chance(causes: Times, asked: Asked, lag_ms: int) -> Floats:
    reach = Reach(causes, lag_ms)
    blocks = asked.times // BLOCK_MS * BLOCK_MS
    waited = np.maximum(asked.since, asked.times - BLOCK_MS)
    waited = np.minimum(waited, asked.times - 4 * lag_ms)
    return np.maximum(reach.share(blocks, blocks + BLOCK_MS), reach.share(waited, asked.times))
