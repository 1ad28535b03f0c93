"""What runs beside the calls: jobs, deliveries, fresh tokens, followed switches. Each is watched and begun anew.

running -> ended by a mistake of ours -> logged, and begun again after a pause that doubles (1 s to 60 s)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType

from kernel.runtime.observe.log import logger

Run = Callable[[], Awaitable[None]]
_LONGEST_PAUSE_SECONDS = 60.0


class Works:
    """The tasks of a house. Leaving the block cancels them; jobs under way reach their next step first."""

    def __init__(self, runs: Mapping[str, Run], first_pause_seconds: float = 1.0) -> None:
        self._runs = runs
        self._first_pause_seconds = first_pause_seconds
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.restarts: dict[str, int] = dict.fromkeys(runs, 0)

    async def __aenter__(self) -> Works:
        for name, run in self._runs.items():
            self.tasks[name] = asyncio.create_task(self._watch(name, run), name=name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    def task(self, name: str) -> asyncio.Task[None] | None:
        return self.tasks.get(name)

    async def _watch(self, name: str, run: Run) -> None:
        pause = self._first_pause_seconds
        while True:
            try:
                await run()
            except Exception as bug:
                self.restarts[name] += 1
                logger("works").error("ended", work=name, again_in_seconds=pause, exc_info=bug)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
