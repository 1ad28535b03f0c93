"""REST with token, limits, trace, metrics and headers against a bare Litestar handler: at least 60 % of its rate.

Two uvicorn processes with uvloop, one client with kept connections; rounds alternate, so that a busy machine slows both
and the best of each counts. The client needs as much CPU as the server: where it is the brake, both rates meet at its
own. So the rate per second of the *server's* CPU time is measured as well, and the lower share of the two must hold.

    python -m tests.bench.bench_rest      prints the figures; exit code 1 when the bound is broken
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import uvloop

LEAST_SHARE = 0.6
ROUNDS, SECONDS, CALLERS = 5, 1.5, 32


@dataclass(frozen=True)
class Served:
    url: str
    headers: dict[str, str]
    process_id: int

    def cpu_seconds(self) -> float:
        """What the server has used so far, in user and system mode."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Rates:
    """Requests per second that passed, and per second of the server's CPU."""

    passed: float
    per_cpu: float


@dataclass(frozen=True)
class Measured:
    bare: Rates
    house: Rates

    @property
    def share(self) -> float:
        return min(self.house.passed / self.bare.passed, self.house.per_cpu / self.bare.per_cpu)


@contextlib.contextmanager
def served(kind: str) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.rest_server", kind, str(port), folder]
        root = Path(__file__).parents[2]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        try:
            assert process.stdout is not None
            token = process.stdout.readline().strip() if kind == "house" else ""
            headers = {"authorization": f"Bearer {token}"} if token else {}
            yield Served(f"http://127.0.0.1:{port}/api/v1/thing", headers, process.pid)
        finally:
            process.terminate()
            process.wait()


async def rate(client: aiohttp.ClientSession, target: Served, seconds: float) -> Rates:
    """What `CALLERS` callers got answered with 200."""
    ends, done = time.perf_counter() + seconds, 0

    async def call() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            async with client.get(target.url, headers=target.headers) as answer:
                assert answer.status == 200, answer.status
                await answer.read()
            done += 1

    began, used = time.perf_counter(), target.cpu_seconds()
    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return Rates(done / (time.perf_counter() - began), done / (target.cpu_seconds() - used))


async def until_up(client: aiohttp.ClientSession, target: Served) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with client.get(target.url, headers=target.headers):
                    return
            await asyncio.sleep(0.05)


async def measure(bare: Served, house: Served) -> Measured:
    connector = aiohttp.TCPConnector(limit=CALLERS)
    rounds: dict[str, list[Rates]] = {bare.url: [], house.url: []}
    async with aiohttp.ClientSession(connector=connector) as client:
        for target in (bare, house):
            await until_up(client, target)
            await rate(client, target, 0.3)
        for _ in range(ROUNDS):
            for target in (bare, house):
                rounds[target.url].append(await rate(client, target, SECONDS))
    return Measured(best(rounds[bare.url]), best(rounds[house.url]))


def best(rounds: list[Rates]) -> Rates:
    return Rates(max(one.passed for one in rounds), max(one.per_cpu for one in rounds))


def run() -> Measured:
    with served("bare") as bare, served("house") as house:
        return uvloop.run(measure(bare, house))


def main() -> int:
    found = run()
    for name, rates in (("bare Litestar", found.bare), ("with token, limits, trace, metrics", found.house)):
        print(f"REST {name:<36} {rates.passed:>8,.0f}/s   {rates.per_cpu:>8,.0f} per CPU second")
    kept = found.share >= LEAST_SHARE
    print(f"REST share {found.share:.0%}, at least {LEAST_SHARE:.0%}: {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
