"""Live changes: into the tail at once, into the months' files when the tail has grown.

A change is durable and visible with the transaction that puts it into the tail. A row of the tail costs a reader some
microseconds, a fold rewrites the months that it touches; `most` is where the second becomes the cheaper.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

import numpy as np

from kernel.data import Database, Tx
from modules.patterns.internal.history import store
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.folding import Folded, fold_month, show
from modules.patterns.internal.history.library import read_partition
from modules.patterns.internal.history.memory import LocalNames, rows_of
from modules.patterns.internal.history.rows import Rows, combine, joined, no_rows
from modules.patterns.types import StateChange

MOST_LIVE_ROWS: Final = 5_000


class Tail:
    """The history's live end."""

    def __init__(self, database: Database, folder: Folder, heavy: Executor, most: int = MOST_LIVE_ROWS) -> None:
        self._database = database
        self._folder = folder
        self._heavy = heavy
        self._most = most

    def add(self, tx: Tx, changes: Sequence[StateChange]) -> int:
        """Put changes in; how many were news."""
        rows = combine([_coded(tx, changes)]).rows
        return sum(self._add_month(tx, month, part) for month, part in rows.by_month())

    async def fold_if_grown(self) -> None:
        """Fold the tail into the files if it has become long. Changes nothing that a reader sees."""
        if await self._database.read(store.tail_length) > self._most:
            await self.fold()

    async def fold(self) -> None:
        """Fold the tail into the files."""
        async with self._folder.writing():
            seen = await self._database.read(store.manifest)
            folded: list[Folded] = []
            try:
                for month, _ in seen.tail.by_month():
                    folded.append(await self._fold_month(seen, month))
            except BaseException:
                self._folder.discard(name for month in folded for name in month.written)
                raise
            await self._database.write(lambda tx: show(tx, folded, seen.tail_end))
            self._folder.retire(month.before.file for month in folded if month.before and month.written)

    async def _fold_month(self, seen: store.Manifest, month: int) -> Folded:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._heavy, fold_month, self._folder, seen, month, no_rows())

    def _add_month(self, tx: Tx, month: int, fresh: Rows) -> int:
        start, end = int(fresh.times[0]), int(fresh.times[-1]) + 1
        live = store.tail_of(tx, start, end)
        known = joined([*self._filed(tx, month, start, end), live])
        known = combine([known.take(np.isin(known.times, fresh.times))]).rows
        together = combine([known, fresh])
        is_news = together.first_seen >= len(known)
        before = joined([known, fresh]).origins[together.first_seen]
        learned = ~is_news & (together.rows.origins != before)
        store.add_to_tail(tx, together.rows.take(is_news | learned))
        return int(np.count_nonzero(is_news))

    def _filed(self, tx: Tx, month: int, start_ms: int, end_ms: int) -> list[Rows]:
        partition = store.partition(tx, month)
        return [] if partition is None else [read_partition(self._folder, partition, start_ms, end_ms)]


def _coded(tx: Tx, changes: Sequence[StateChange]) -> Rows:
    entities, states = LocalNames(), LocalNames()
    rows = rows_of(changes, entities, states)
    entity_codes = np.array(store.intern_entities(tx, entities.names, visible=True), np.int32)
    state_codes = np.array(store.intern_states(tx, states.names), np.int32)
    return Rows(rows.times, entity_codes[rows.entities], state_codes[rows.states], rows.origins)
