"""Calls per second over loopback at 50 callers: the remote port against a plain httpx client and the same server.

    .venv/bin/python tests/bench/bench_remote.py         prints a table; exit code 1 when the bound is broken

The server is a process of its own. aiohttp without the port shows what retries, deadlines and typed errors cost.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter
from typing import Any

import aiohttp
import httpx
import uvloop

from kernel.facade.client import RemoteHouse
from kernel.testing.sample import SHELF, Jar, Shelved
from kernel.testing.transports import second_process

LEAST_TIMES_HTTPX = 3.0
_CALLERS = 50
_ROUNDS = 3


def shelf() -> Shelved:
    service = Shelved()
    service.kept["plums"] = Jar(name="plums")
    return service


async def per_second(calls: int, call: Callable[[], Awaitable[Any]]) -> float:
    async def caller() -> None:
        for _ in range(calls // _CALLERS):
            await call()

    began = perf_counter()
    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
    return calls / (perf_counter() - began)


async def measure() -> dict[str, float]:
    """Calls per second by client, medians of interleaved rounds, and the ratio that has a bound."""
    url = second_process(SHELF, shelf)
    target, body = f"{url}/rpc/sample/Shelf/jar", b'{"name":"plums"}'
    headers = {"Content-Type": "application/json"}
    house = RemoteHouse(url, None)
    port = house.port(SHELF, "bench")
    async with httpx.AsyncClient(headers=headers) as plain, aiohttp.ClientSession(headers=headers) as bare:

        async def by_httpx() -> None:
            (await plain.post(target, content=body)).json()

        async def by_aiohttp() -> None:
            async with bare.post(target, data=body) as response:
                await response.read()

        found: dict[str, list[float]] = {"httpx": [], "aiohttp": [], "remote_port": []}
        await per_second(200, lambda: port.jar("plums"))
        for _ in range(_ROUNDS):
            found["httpx"].append(await per_second(1_000, by_httpx))
            found["aiohttp"].append(await per_second(4_000, by_aiohttp))
            found["remote_port"].append(await per_second(4_000, lambda: port.jar("plums")))
    await house.close()
    rates = {name: median(rounds) for name, rounds in found.items()}
    return rates | {"times_httpx": rates["remote_port"] / rates["httpx"]}


def main() -> int:
    results = uvloop.run(measure())
    if "--json" in sys.argv:
        print(json.dumps(results))
    else:
        print(f"calls per second over loopback, {_CALLERS} callers")
        for name, value in results.items():
            print(f"  {name:<14}{value:10.1f}")
    return int(results["times_httpx"] < LEAST_TIMES_HTTPX)


if __name__ == "__main__":
    sys.exit(main())
