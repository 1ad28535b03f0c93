"""What happens to a trigger while the rule still runs (it waits in a delay): Home Assistant's four modes.

    single    the trigger is dropped            restart   the running one is cut off, a new one begins
    queued    it waits for those before it      parallel  it runs beside them     (both: at most `max_runs` at a time)

A run that ends at the very instant of a trigger has ended.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from modules.patterns.internal.domain.log import Times
from modules.patterns.internal.domain.timeline import NEVER
from modules.patterns.types.rule import Mode

Runs = tuple[Times, Times, Times]
"""When triggered, when begun, when cut off (or NEVER)."""


def runs_of(times: Times, mode: Mode, max_runs: int, lasts_ms: int) -> Runs:
    """The runs that sorted triggers give to a rule whose actions last `lasts_ms`."""
    if lasts_ms == 0 or not len(times):
        return _uncut(times, times)
    if mode == "single":
        return _single(times, lasts_ms)
    if mode == "restart":
        following = np.append(times[1:], NEVER)
        return times, times, np.where(following < times + lasts_ms, following, NEVER)
    return _limited(times, lasts_ms, max_runs, queued=mode == "queued")


def _uncut(times: Times, begins: Times) -> Runs:
    return times, begins, np.full(len(times), NEVER, dtype=np.int64)


def _single(times: Times, lasts_ms: int) -> Runs:
    free_at = np.searchsorted(times, times + lasts_ms, side="left")
    kept: list[int] = []
    at = 0
    while at < len(times):
        kept.append(at)
        at = int(free_at[at])
    return _uncut(times[kept], times[kept])


def _limited(times: Times, lasts_ms: int, max_runs: int, *, queued: bool) -> Runs:
    ends: deque[int] = deque()
    kept: list[int] = []
    begins: list[int] = []
    for index, at in enumerate(times.tolist()):
        while ends and ends[0] <= at:
            ends.popleft()
        if len(ends) == max_runs:
            continue
        begin = max(at, ends[-1]) if queued and ends else at
        ends.append(begin + lasts_ms)
        kept.append(index)
        begins.append(begin)
    return _uncut(times[kept], np.array(begins, dtype=np.int64))
