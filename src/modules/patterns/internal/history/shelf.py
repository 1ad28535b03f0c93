"""The months as they lie on disk at one moment, for questions that need little of them.

A question about one entity reads that entity's rows, month by month, and stops when it knows. Used in a worker thread;
whoever asks is ready for a file that another process has meanwhile replaced (FileNotFoundError: see `Library.look`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from modules.patterns.internal.domain.log import Flags, Times
from modules.patterns.internal.domain.timeline import Timeline, transitions
from modules.patterns.internal.history.columns import MonthFile
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.months import month_of, month_start
from modules.patterns.internal.history.rows import Rows, combine, joined, no_rows
from modules.patterns.internal.history.store import Manifest
from modules.patterns.types import Place


class Shelf:
    """What is visible. `seen.tail` may hold the rows of some entities only; `live`: first and last time of all."""

    def __init__(self, folder: Folder, seen: Manifest, live: tuple[int, int] | None) -> None:
        self._folder = folder
        self._seen = seen
        self._live = live
        self._files: dict[int, MonthFile] = {}

    @property
    def place(self) -> Place:
        """Where the home is."""
        return self._seen.place

    @cached_property
    def span(self) -> tuple[int, int] | None:
        """The times of the first and the last change of the record, or None if it is empty."""
        ends = [] if self._live is None else [*self._live]
        filed = self._seen.partitions
        if filed:
            first, last = self._file(filed[0].month), self._file(filed[-1].month)
            ends += [int(first.rows(slice(0, 1)).times[0]), int(last.rows(slice(-1, None)).times[0])]
        return (min(ends), max(ends)) if ends else None

    def months(self, before_ms: int | None = None) -> tuple[int, ...]:
        """The months that may hold changes before an instant, newest first."""
        last = None if before_ms is None else month_of(before_ms)
        return tuple(month for month in reversed(self._seen.months) if last is None or month <= last)

    def times(self, month: int) -> Times:
        """The times of all changes of a month, in order. Only with a tail of all entities."""
        live = self._seen.tail.within_month(month)
        filed = self._file(month).times() if self._filed(month) else None
        if filed is not None and not len(live):
            return filed
        rows = [self._file(month).rows(slice(None))] if filed is not None else []
        return combine([*rows, live]).rows.times

    def rows(self, month: int, entities: Sequence[int], start_ms: int | None = None, end_ms: int | None = None) -> Rows:
        """Some entities' rows of a month with start <= time < end, in the order of (time, entity)."""
        live = self._tail(month, entities, start_ms, end_ms)
        filed = no_rows()
        if self._filed(month):
            filed = self._file(month).rows_of(entities, start_ms, end_ms)
        return combine([filed, live]).rows if len(live) else filed

    def line(self, entity: int, start_ms: int, end_ms: int) -> Timeline:
        """One entity's transitions with time < end: those from start on, and before them the one that it then was in.

        That first one has the time of the last row before start, which may only repeat the state.
        """
        parts: list[Rows] = []
        for month in self.months(end_ms):
            if month_start(month + 1) > start_ms:
                parts.append(self.rows(month, (entity,), start_ms, end_ms))
            if month_start(month) <= start_ms:
                before = self.rows(month, (entity,), None, start_ms)
                if len(before):
                    parts.append(before.take(slice(-1, None)))
                    break
        rows = joined(parts[::-1])
        return transitions(rows.times, rows.states, rows.origins)

    def backwards(self, entity: int, before_ms: int | None = None) -> Iterator[Timeline]:
        """One entity's transitions before an instant, month by month, newest first.

        Each month ends with the first row of the following one, so that the transition between them is seen.
        """
        following = no_rows()
        for month in self.months(before_ms):
            part = self.rows(month, (entity,), None, before_ms)
            if len(part):
                rows = joined([part, following])
                yield transitions(rows.times, rows.states, rows.origins)
                following = part.take(slice(0, 1))

    def _filed(self, month: int) -> bool:
        return any(part.month == month for part in self._seen.partitions)

    def _file(self, month: int) -> MonthFile:
        if month not in self._files:
            part = next(part for part in self._seen.partitions if part.month == month)
            self._files[month] = MonthFile(self._folder.month_file(part.file), month, part.changes)
        return self._files[month]

    def _tail(self, month: int, entities: Sequence[int], start_ms: int | None, end_ms: int | None) -> Rows:
        live = self._seen.tail
        chosen: Flags = np.isin(live.entities, np.array(entities, np.int32))
        chosen &= (live.times >= month_start(month)) & (live.times < month_start(month + 1))
        if start_ms is not None:
            chosen &= live.times >= start_ms
        if end_ms is not None:
            chosen &= live.times < end_ms
        return live.take(chosen)
