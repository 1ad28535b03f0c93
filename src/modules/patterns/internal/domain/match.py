"""Pairs firings with gestures, one to one: how many gestures a rule would have made unnecessary.

A firing and a gesture of the same entity and state may be paired if the firing falls into the window around the
gesture. All windows are equally long, so they begin and end in the order of the gestures, and this greedy walk is a
*largest* matching: take gestures in order of time and give each the earliest free firing in its window. Suppose some
largest matching agrees with the walk up to a gesture g and gives g another firing or none. The walk's choice f is the
earliest that g can have; whoever else has f in that matching is a later gesture h, and the firing that g has instead,
being later than f and no later than the end of g's window, lies in h's window too: swap. If g has none, give it f and
take it from h: no loss. So the matching can be made to agree one gesture further without growing smaller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import Times


@dataclass(frozen=True)
class Reach:
    """A firing counts from `before_ms` before the gesture to `after_ms` after it, both ends included."""

    before_ms: int
    after_ms: int


WIDE: Final = Reach(900_000, 120_000)
STRICT: Final = Reach(60_000, 15_000)
"""For reactions: at once, or it was something else."""


def matched(firings: Times, gestures: Times, reach: Reach) -> NDArray[np.int64]:
    """int64[k]: which of the sorted `firings` are paired with some of the sorted `gestures`, in a largest matching."""
    earliest = np.searchsorted(firings, gestures - reach.before_ms, side="left").tolist()
    beyond = np.searchsorted(firings, gestures + reach.after_ms, side="right").tolist()
    taken: list[int] = []
    free = 0
    for low, high in zip(earliest, beyond, strict=True):
        firing = max(free, low)
        if firing < high:
            taken.append(firing)
            free = firing + 1
    return np.array(taken, dtype=np.int64)
