"""Stories that need more than one actor: a crowd of callers while something happens, and waiting for an outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any


@dataclass
class Crowd:
    """What the callers met."""

    answered: int = 0
    failed: list[Exception] = field(default_factory=list)


@asynccontextmanager
async def crowd(callers: int, call: Callable[[int], Awaitable[Any]]) -> AsyncIterator[Crowd]:
    """`callers` tasks call again and again while the block runs; each call under way is awaited at its end."""
    met, over = Crowd(), asyncio.Event()

    async def caller(number: int) -> None:
        while not over.is_set():
            try:
                await call(number)
                met.answered += 1
            except Exception as error:
                met.failed.append(error)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(caller(number)) for number in range(callers)]
    try:
        yield met
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def eventually(holds: Callable[[], Any], *, seconds: float = 5.0, what: str = "it") -> Any:
    """The first true answer of `holds` (plain or async). Raises AssertionError when time is up."""
    ends = monotonic() + seconds
    while True:
        answer = holds()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return answer
        if monotonic() > ends:
            raise AssertionError(f"{what} did not happen within {seconds:g} s")
        await asyncio.sleep(0.01)
