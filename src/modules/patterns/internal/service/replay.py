"""Behind the facade `Replay`: the engine of `domain`, on the whole log, in a thread."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Final, TypeVar

from kernel.facade.codec import decode, encode
from kernel.runtime.cache import Cache
from modules.patterns.errors import HistoryTooShort
from modules.patterns.facade import Replay
from modules.patterns.internal.domain.baselines import baselines
from modules.patterns.internal.domain.clock import EPOCH, days_with_events
from modules.patterns.internal.domain.learn_split import Blocks
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.score import scorecard, verdicts
from modules.patterns.internal.history.library import Library
from modules.patterns.types import Firing, Rule, Scorecard, ScoredBaseline, Split, Window

T = TypeVar("T")
FEWEST_DAYS: Final = 7
CACHED: Final = "replay"
"""The kind in the house's cache."""
VERSION: Final = 1
"""Raise it when the score of the same rule on the same past becomes another."""


class ReplayService(Replay):
    """Rules are replayed over the whole past and the window is cut out, so that the scores of windows add up."""

    def __init__(self, library: Library, heavy: Executor, cache: Cache) -> None:
        self._library = library
        self._heavy = heavy
        self._cache = cache

    async def replay(self, rule: Rule, window: Window) -> Scorecard:
        return await self._scored((rule,), window)

    async def replay_home(self, rules: tuple[Rule, ...], window: Window) -> Scorecard:
        return await self._scored(rules, window)

    async def _scored(self, rules: tuple[Rule, ...], window: Window) -> Scorecard:
        """The score of a rule on a past that has not changed is known already."""
        asked = encode((await self._library.version(), VERSION, rules, window))
        key = hashlib.sha256(asked).hexdigest()
        if (kept := await self._cache.get(CACHED, key)) is not None:
            known: Scorecard = decode(kept, Scorecard)
            return known
        card = await self._on(window, lambda log, start, end: scorecard(rules, log, start, end))
        await self._cache.put(CACHED, key, encode(card))
        return card

    async def baselines(self, split: Split) -> tuple[ScoredBaseline, ...]:
        parts = Blocks(_ms(split.mine.start), _ms(split.select.start), _ms(split.test.start), _ms(split.test.end))
        return await self._on(split.test, lambda log, start, end: baselines(log, parts), fewest=1)

    async def firings(self, rule: Rule, window: Window) -> AsyncIterator[Firing]:
        for firing in await self._on(window, lambda log, start, end: verdicts(rule, log, start, end)):
            yield firing

    async def _on(self, window: Window, work: Callable[[Log, int, int], T], fewest: int = FEWEST_DAYS) -> T:
        """Do work on the log, if enough days of the window hold events. Raises HistoryTooShort."""
        log = await self._library.log()
        start, end = _ms(window.start), _ms(window.end)

        def checked() -> T:
            days = days_with_events(log, start, end)
            if days < fewest:
                raise HistoryTooShort(days=days, needed=fewest)
            return work(log, start, end)

        return await asyncio.get_running_loop().run_in_executor(self._heavy, checked)


def _ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded up: a window starts at its first whole millisecond."""
    return -((EPOCH - moment) // timedelta(milliseconds=1))
