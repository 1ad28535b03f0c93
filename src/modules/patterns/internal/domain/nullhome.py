"""The null home: the same home with its habits taken out and everything else left in.

For each actuator and each local day, all its changes of that day are moved together to another day (a permutation of
its days, its own, blind to weekdays) and turned along the clock by a random part of the home's *activity*; its states
then follow each other at the new times as they did at the old ones, so that on and off still alternate. So the numbers
of gestures, their bursts and the hours at which the home is awake stay; clock times, weekdays and every relation to
sensors and to other actuators go. Sensors stay as they were. Exchanging whole days alone would keep the clock times,
and with them every time habit: see docs/decisions/0008.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain import circle
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.discovery import Floats
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.log import Log


def null_home(past: Past, seed: int, start_ms: int, end_ms: int) -> Log:
    """The null home of start_ms <= t < end_ms. Equal seeds give equal homes."""
    log = past.log.between(start_ms, end_ms)
    if not len(log):
        return log
    moved = np.unique(past.gestures.entities)
    acts = np.isin(log.entities, moved)
    local = past.clock.local_ms(log.times)
    first, last = int(local[0] // DAY_MS), int(local[-1] // DAY_MS)
    days = past.days[(past.days >= first) & (past.days <= last)]
    shares = past.activity(start_ms, end_ms).without(None)
    times = log.times.copy()
    for code in sorted(moved, key=lambda code: log.entity_ids[code]):
        rows = np.flatnonzero(log.entities == code)
        random = np.random.default_rng((abs(seed), int(seed < 0), *log.entity_ids[code].encode()))
        times[rows] = np.sort(times[rows] + _shuffled(local[rows], days, shares, random) - local[rows])
    return _in_order(log, times, acts, start_ms, end_ms)


def _shuffled(
    local: NDArray[np.int64], days: NDArray[np.int64], shares: Floats, random: np.random.Generator
) -> NDArray[np.int64]:
    day = np.searchsorted(days, local // DAY_MS)
    target, turn = random.permutation(days), random.random(len(days))
    turned = circle.turned(local, shares, turn[day])
    moved: NDArray[np.int64] = turned % DAY_MS + target[day] * DAY_MS
    return moved


def _in_order(log: Log, times: NDArray[np.int64], acts: NDArray[np.bool_], start_ms: int, end_ms: int) -> Log:
    """Sorted again. The wall clock's jumps may carry an hour over an edge: what falls outside is left out."""
    order = np.lexsort((log.states, log.entities, times))
    order = order[(times[order] >= start_ms) & (times[order] < end_ms)]
    key = np.stack((times[order], log.entities[order], log.states[order]))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(key) != 0).any(axis=0)
    order = order[new]
    return replace(
        log, times=times[order], entities=log.entities[order], states=log.states[order], origins=log.origins[order]
    )
