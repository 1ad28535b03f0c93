"""The two tiers as one. Values are bytes; times to live are per kind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from cachetools import LRUCache

from kernel.facade.values import Count, Value
from kernel.runtime.cache.store import Shelf
from kernel.runtime.observe.reading import Reading
from kernel.runtime.settings.tree import CacheSettings

T = TypeVar("T")

_ENTRY_BYTES = 200
"""What Python needs for an entry besides its bytes."""


class CacheFigures(Value, frozen=True, kw_only=True):
    """How often each kind was found: in memory, in the file, or not at all."""

    kind: str
    memory: Count = 0
    file: Count = 0
    missed: Count = 0


class Cache:
    """`seconds_to_live` by kind; a kind must be named there to be used. The file is read in the cache's own thread."""

    def __init__(
        self,
        path: Path,
        settings: CacheSettings,
        seconds_to_live: Mapping[str, float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._to_live = dict(seconds_to_live)
        self._clock = clock
        self._memory: LRUCache[tuple[str, str], tuple[float, bytes]] = LRUCache(
            settings.memory_bytes, getsizeof=lambda entry: len(entry[1]) + _ENTRY_BYTES
        )
        self._shelf = Shelf(path, settings.disk_bytes)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cache")
        self._found = {kind: [0, 0, 0] for kind in self._to_live}

    async def get(self, kind: str, key: str) -> bytes | None:
        """The value, if it was put and has not outlived its kind's time. Raises KeyError for an unknown kind."""
        found = self._found[kind]
        entry = self._memory.get((kind, key))
        if entry is not None and entry[0] > self._clock():
            found[0] += 1
            return entry[1]
        entry = await self._below(self._shelf.get, kind, key)
        if entry is None or entry[0] <= self._clock():
            found[2] += 1
            return None
        found[1] += 1
        self._keep(kind, key, entry)
        return entry[1]

    async def put(self, kind: str, key: str, value: bytes) -> None:
        """Keep a value for its kind's time; one that is larger than a tier is not kept in that tier."""
        entry = (self._clock() + self._to_live[kind], value)
        self._keep(kind, key, entry)
        await self._below(self._shelf.put, kind, key, entry)

    async def forget(self, kind: str) -> None:
        """Drop all of a kind, because what it was made from has changed."""
        for pair in [pair for pair in self._memory if pair[0] == kind]:
            del self._memory[pair]
        await self._below(self._shelf.forget, kind)

    def figures(self) -> tuple[CacheFigures, ...]:
        return tuple(
            CacheFigures(kind=kind, memory=memory, file=file, missed=missed)
            for kind, (memory, file, missed) in self._found.items()
        )

    async def readings(self) -> Iterable[Reading]:
        """For the metrics: look-ups by kind and where they ended."""
        return [
            Reading("cache_lookups", "Look-ups in the cache.", count, {"kind": kind, "found": where}, "counter")
            for kind, counts in self._found.items()
            for where, count in zip(("memory", "file", "nowhere"), counts, strict=True)
        ]

    async def close(self) -> None:
        await self._below(self._shelf.close)
        self._thread.shutdown()

    def _keep(self, kind: str, key: str, entry: tuple[float, bytes]) -> None:
        if len(entry[1]) + _ENTRY_BYTES <= self._memory.maxsize:
            self._memory[kind, key] = entry

    async def _below(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
