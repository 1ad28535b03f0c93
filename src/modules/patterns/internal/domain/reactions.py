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
from modules.patterns.internal.domain.log import Times

LAGS_MS: Final = (20_000, 60_000, 300_000)
LEAST_LAG_MS: Final = 1_000
BLOCK_MS: Final = 1_800_000
LEAST_WAIT_MS: Final = 300_000
NULL: Final = (
    "each gesture might as well have been made at any other moment of the same half hour, "
    "or of the time that the target had been waiting"
)


@dataclass(frozen=True)
class Asked:
    """The gestures of all targets, in order of time (UTC ms), and how they group.

    `edges` int64[4, n]: the half hour of each gesture, begin and end, and the time that its target had been waiting (at
    least five minutes, at most half an hour), begin and end. `order`: the gestures by (target, day); `group_starts`:
    where each (target, day) begins there; `group_targets`: its target. `targets`: how many there are.
    """

    times: Times
    edges: NDArray[np.int64]
    order: NDArray[np.int64]
    group_starts: NDArray[np.int64]
    group_targets: NDArray[np.int64]
    targets: int

    @classmethod
    def of(cls, times: Times, since: Times, numbers: NDArray[np.int64], days: NDArray[np.int64], targets: int) -> Asked:
        """Of gestures of targets `numbers` on local `days`; `since`: when the target took the state it waited in."""
        by_time = np.lexsort((numbers, times))
        times, since, numbers, days = times[by_time], since[by_time], numbers[by_time], days[by_time]
        blocks = times // BLOCK_MS * BLOCK_MS
        waited = np.minimum(np.maximum(since, times - BLOCK_MS), times - LEAST_WAIT_MS)
        order = np.lexsort((days, numbers))
        new = np.ones(len(order), np.bool_)
        new[1:] = (np.diff(numbers[order]) != 0) | (np.diff(days[order]) != 0)
        starts = np.flatnonzero(new)
        edges = np.stack((blocks, blocks + BLOCK_MS, waited, times))
        return cls(times, edges, order, starts, numbers[order][starts], targets)


@dataclass(frozen=True)
class CauseTests:
    """One cause against every target. Arrays are [lag, target]."""

    hits: Counts
    days: Counts
    expected: Floats
    p: Floats


class Reach:
    """The time that lies within (least lag, lag] after a cause, summed up to the edges that gestures ask for."""

    def __init__(self, causes: Times, edges: NDArray[np.int64]) -> None:
        self._gaps = np.diff(causes, append=np.iinfo(np.int64).max // 2)
        at = np.searchsorted(causes + LEAST_LAG_MS, edges, side="right") - 1
        self._before_any = at < 0
        self._at = np.maximum(at, 0)
        self._waited = edges[3] - edges[2]
        self._past = edges - causes[self._at] - LEAST_LAG_MS

    def shares(self, lag_ms: int) -> Floats:
        """The larger share that lies within reach: of the half hour, or of the time waited."""
        lengths = np.minimum(self._gaps, lag_ms - LEAST_LAG_MS)
        before = np.cumsum(lengths) - lengths
        reached = before[self._at] + np.minimum(self._past, lengths[self._at])
        reached[self._before_any] = 0
        begin, end, since, until = reached
        shares: Floats = np.maximum((end - begin) / BLOCK_MS, (until - since) / self._waited)
        return shares


def lags(causes: Times, times: Times) -> Times:
    """How long before each gesture the last cause had come, at least a second; a very long time if none had."""
    at = np.searchsorted(causes, times - LEAST_LAG_MS, side="right") - 1
    return np.where(at >= 0, times - causes[np.maximum(at, 0)], np.iinfo(np.int64).max)


def against(causes: Times, asked: Asked) -> CauseTests:
    """Test one cause, at every lag, against every target."""
    shape = (len(LAGS_MS), asked.targets)
    hit_days, expected = np.zeros(shape, np.int64), np.zeros(shape)
    days = np.broadcast_to(np.bincount(asked.group_targets, minlength=asked.targets), shape).copy()
    waited = lags(causes, asked.times)
    reach = Reach(causes, asked.edges)
    for at, lag in enumerate(LAGS_MS):
        hit = waited <= lag
        if not hit.any():
            continue
        miss = np.log1p(-np.minimum(reach.shares(lag), 1.0 - 1e-9))
        day_hit = np.maximum.reduceat(hit[asked.order], asked.group_starts)
        day_chance = -np.expm1(np.add.reduceat(miss[asked.order], asked.group_starts))
        hit_days[at] = np.bincount(asked.group_targets, day_hit, asked.targets).astype(np.int64)
        expected[at] = np.bincount(asked.group_targets, day_chance, asked.targets)
    return CauseTests(hit_days, days, expected, tail(hit_days, days, expected))
