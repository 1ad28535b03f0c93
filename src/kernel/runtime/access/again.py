"""Looking at the table once more, because somebody showed what memory does not know.

All who ask share the next look. It begins after they asked, so that it shows what was written before; a look under way
may have missed it. One look at most is under way and one waits, `PAUSE_SECONDS` apart, whoever asks and how often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kernel.runtime.observe.log import logger

PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 2.0


class Again:
    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._next: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._not_before = float("-inf")

    async def __call__(self) -> None:
        """Return after a look that began after this call; or without one, if it fails or does not come in time."""
        if self._next is None:
            self._next = asyncio.create_task(self._go())
        await asyncio.wait({self._next}, timeout=PATIENCE_SECONDS)

    async def _go(self) -> None:
        clock = asyncio.get_running_loop().time
        async with self._looking:
            await asyncio.sleep(self._not_before - clock())
            self._next, self._not_before = None, clock() + PAUSE_SECONDS
            try:
                await self._look()
            except Exception as error:
                logger("access").warning("tokens_not_read", problem=str(error))
