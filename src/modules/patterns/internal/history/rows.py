"""Changes as columns, and the one way in which they are put together.

Order is (time, entity), and the order of arrival among equals. A change that is there already (same time, entity and
state) is left out; what is known of its origin stays: automation over manual over unknown, whichever came first, so
that the order of imports does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import Codes, Times
from modules.patterns.internal.history.months import month_start, months_of


@dataclass(frozen=True)
class Rows:
    """N changes: `times` int64[N] in ms since 1970 UTC, `entities` and `states` int32[N], `origins` uint8[N]."""

    times: Times
    entities: Codes
    states: Codes
    origins: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.times)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Rows:
        """The rows of an index, a mask or a slice."""
        return Rows(self.times[chosen], self.entities[chosen], self.states[chosen], self.origins[chosen])

    def between(self, start_ms: int | None, end_ms: int | None) -> Rows:
        """Of rows in order: those with start <= time < end."""
        low = 0 if start_ms is None else int(np.searchsorted(self.times, start_ms))
        high = len(self) if end_ms is None else int(np.searchsorted(self.times, end_ms))
        return self.take(slice(low, high))

    def by_month(self) -> Iterator[tuple[int, Rows]]:
        """The rows month by month, in the order in which they are."""
        months = months_of(self.times)
        for month in np.unique(months):
            yield int(month), self.take(months == month)

    def within_month(self, month: int) -> Rows:
        """The rows of one month, in the order in which they are."""
        return self.take((self.times >= month_start(month)) & (self.times < month_start(month + 1)))


@dataclass(frozen=True)
class Combined:
    """`first_seen[i]`: the index, in all parts laid end to end, at which row i was met first."""

    rows: Rows
    first_seen: NDArray[np.intp]


def no_rows() -> Rows:
    return Rows(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8))


def joined(parts: Sequence[Rows]) -> Rows:
    """The parts end to end."""
    if not parts:
        return no_rows()
    return Rows(
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.entities for part in parts]),
        np.concatenate([part.states for part in parts]),
        np.concatenate([part.origins for part in parts]),
    )


def combine(parts: Sequence[Rows]) -> Combined:
    """All parts as one: in order, each change once."""
    rows = joined(parts)
    order = _in_order(rows)
    known = rows.origins[order]
    keep = np.ones(len(rows), np.bool_)
    same = (np.diff(rows.times[order]) == 0) & (np.diff(rows.entities[order]) == 0)
    if same.any():
        _leave_out_known(rows.states[order], same, known, keep)
    first = order[keep]
    kept = rows.take(first)
    return Combined(Rows(kept.times, kept.entities, kept.states, known[keep]), first)


def _in_order(rows: Rows) -> NDArray[np.intp]:
    """The order of (time, entity), and of arrival among equals. A month fits one key, which sorts twice as fast."""
    start = int(rows.times.min()) if len(rows) else 0
    if not len(rows) or int(rows.times.max()) - start >= 1 << 32:
        return np.lexsort((rows.entities, rows.times))
    key = ((rows.times - start) << 31) | rows.entities
    return np.argsort(key, kind="stable")


def _leave_out_known(states: Codes, same: NDArray[np.bool_], known: NDArray[np.uint8], keep: NDArray[np.bool_]) -> None:
    """Of ordered rows of which some have the time and entity of the row before (`same`): keep the first of each state.

    Writes `keep`, and into `known` what the duplicates know of the origin.
    """
    group = np.concatenate(([0], np.cumsum(~same)))
    members = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    members = members[np.lexsort((states[members], group[members]))]
    opens = np.ones(len(members), np.bool_)
    opens[1:] = (np.diff(states[members]) != 0) | (np.diff(group[members]) != 0)
    starts = np.flatnonzero(opens)
    keep[members] = False
    keep[members[starts]] = True
    known[members[starts]] = np.maximum.reduceat(known[members], starts)
