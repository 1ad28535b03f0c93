"""A port that behaves like a bad network, the same way for the same seed.

latency     the call waits before it is made
refused     it never arrives                        Unreachable   ran: no
lost        it runs, its reply does not come back   Lost          ran: unknown
duplicate   it runs twice: idempotent operations only
cut         a stream stops before its end           Cut           ran: unknown
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from kernel.errors import Cut, Lost, Unreachable
from kernel.facade.context import calling, current
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port


@dataclass(frozen=True)
class Weather:
    """How often each fault happens, as a share of calls, and the longest wait."""

    latency_seconds: float = 0.0
    refused: float = 0.0
    lost: float = 0.0
    duplicate: float = 0.0
    cut: float = 0.0


def faulty_port(facade: Facade, port: Any, weather: Weather, seed: int) -> Any:
    """`port` in this weather. Its `happened` lists the faults in order, as `put: lost`."""
    network = _Network(weather, Random(seed))
    methods: dict[str, Callable[..., Any]] = {}
    for operation in facade.operations:
        make = network.stream if operation.streams else network.call
        methods[operation.name] = make(operation, getattr(port, operation.name))
    made = Port(facade, methods)
    made.__dict__["happened"] = network.happened
    return made


class _Network:
    def __init__(self, weather: Weather, random: Random) -> None:
        self._weather = weather
        self._random = random
        self.happened: list[str] = []

    def call(self, operation: Operation, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            await self._arrive(operation)
            # Drawn before the call, so that the order of ends does not change what happens.
            lost, twice = self._strikes("lost"), self._strikes("duplicate") and operation.effect.idempotent
            with calling(key=current().key or f"{self._random.getrandbits(64):x}"):
                if twice:
                    self.happened.append(f"{operation.name}: duplicate")
                    await method(*args, **kwargs)
                answer = await method(*args, **kwargs)
            if lost:
                self.happened.append(f"{operation.name}: lost")
                raise Lost(operation=operation.path, reason="the weather took the reply")
            return answer

        return call

    def stream(self, operation: Operation, method: Callable[..., Any]) -> Callable[..., Any]:
        async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            await self._arrive(operation)
            most = self._random.randrange(4) if self._strikes("cut") else None
            count = 0
            async for item in method(*args, **kwargs):
                if count == most:
                    self.happened.append(f"{operation.name}: cut")
                    raise Cut(operation=operation.path, items=count)
                count += 1
                yield item

        return stream

    async def _arrive(self, operation: Operation) -> None:
        await asyncio.sleep(self._random.random() * self._weather.latency_seconds)
        if self._strikes("refused"):
            self.happened.append(f"{operation.name}: refused")
            raise Unreachable(peer="the weather", reason="it refused the connection")

    def _strikes(self, fault: str) -> bool:
        return self._random.random() < float(getattr(self._weather, fault))
