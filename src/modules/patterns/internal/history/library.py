"""The whole past, for those who read it.

`log` decodes the months that are asked for from their mapped files into one set of columns, with the tail put in. As
long as anybody holds a log, whoever asks for the same gets the same one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar
from weakref import WeakValueDictionary

from kernel.data import Database
from kernel.errors import Unavailable
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.history import columns, store
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.memory import as_log
from modules.patterns.internal.history.months import month_start
from modules.patterns.internal.history.rows import Rows, combine, joined, no_rows
from modules.patterns.internal.history.shelf import Shelf
from modules.patterns.internal.history.store import Manifest, Partition

T = TypeVar("T")
_TRIES = 3


class Library:
    """The visible history of one home."""

    def __init__(self, database: Database, folder: Folder, heavy: Executor) -> None:
        self._database = database
        self._folder = folder
        self._heavy = heavy
        self._logs: WeakValueDictionary[tuple[int, int | None, int | None], Log] = WeakValueDictionary()

    async def log(self, start_ms: int | None = None, end_ms: int | None = None) -> Log:
        """The changes with start <= time < end (None: all), as they are visible at this moment."""
        key = (await self._database.read(store.version), start_ms, end_ms)
        if (known := self._logs.get(key)) is not None:
            return known
        for _ in range(_TRIES):
            seen, entities, states = await self._database.long_read(
                lambda tx: (store.manifest(tx, start_ms, end_ms), store.entities(tx), store.states(tx))
            )
            try:
                rows = await self._in_thread(lambda seen=seen: self._rows(seen, start_ms, end_ms))  # type: ignore[misc]
            except FileNotFoundError:
                continue  # another process has folded these months and tidied up; its manifest is newer
            log = as_log(rows, entities, states, seen.place)
            self._logs[seen.version, start_ms, end_ms] = log
            return log
        raise _missing()

    async def version(self) -> int:
        """Rises whenever what is visible changes, whoever changed it."""
        return await self._database.read(store.version)

    async def months(
        self, start_ms: int | None, end_ms: int | None, entities: Sequence[int] | None = None
    ) -> AsyncIterator[Rows]:
        """The same changes (of some entities: no others are read) by month, for streams that are often left early."""
        seen = await self._database.long_read(lambda tx: store.manifest(tx, start_ms, end_ms, entities))
        for month in seen.months:
            rows = await self._month(seen, month, entities)
            yield rows.between(start_ms, end_ms)

    async def _month(self, seen: Manifest, month: int, entities: Sequence[int] | None) -> Rows:
        start, end = month_start(month), month_start(month + 1) - 1

        def work(seen: Manifest) -> Rows:
            if entities is None:
                return self._one(seen, month)
            return Shelf(self._folder, seen, None).rows(month, entities)

        for _ in range(_TRIES):
            try:
                return await self._in_thread(lambda seen=seen: work(seen))  # type: ignore[misc]
            except FileNotFoundError:
                seen = await self._database.long_read(lambda tx: store.manifest(tx, start, end, entities))
        raise _missing()

    async def look(self, entities: Sequence[int] | None, work: Callable[[Shelf], T]) -> T:
        """Let a question about some entities (None: all) read what it needs, in a thread."""
        for _ in range(_TRIES):
            seen, live = await self._database.read(
                lambda tx: (store.manifest(tx, of_entities=entities), store.tail_span(tx))
            )
            try:
                return await self._in_thread(lambda seen=seen, live=live: work(Shelf(self._folder, seen, live)))  # type: ignore[misc]
            except FileNotFoundError:
                continue  # as in `log`
        raise _missing()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)

    def _rows(self, seen: Manifest, start_ms: int | None, end_ms: int | None) -> Rows:
        return joined([self._one(seen, month).between(start_ms, end_ms) for month in seen.months])

    def _one(self, seen: Manifest, month: int) -> Rows:
        """One month as it is visible: its file, and the tail's rows put in."""
        filed = [_read(self._folder, part) for part in seen.partitions if part.month == month]
        live = seen.tail.within_month(month)
        if len(live):
            return combine([*filed, live]).rows
        return filed[0] if filed else no_rows()


def read_partition(
    folder: Folder, partition: Partition, start_ms: int | None = None, end_ms: int | None = None
) -> Rows:
    """The rows of a partition (of start <= time < end), for the writer, whose manifest is never old."""
    try:
        return _read(folder, partition, start_ms, end_ms)
    except FileNotFoundError:
        raise _missing() from None


def _read(folder: Folder, partition: Partition, start_ms: int | None = None, end_ms: int | None = None) -> Rows:
    return columns.read(folder.month_file(partition.file), partition.month, partition.changes, start_ms, end_ms)


def _missing() -> Unavailable:
    return Unavailable(
        what="the history", reason="a file that its catalogue names is gone: restore the folder from a backup"
    )
