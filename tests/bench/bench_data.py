"""What a unit of work, an event and a job's step cost. `python tests/bench/bench_data.py` prints a table.

Figures depend on the machine; the last line of each is per second, so that two machines can be compared. With
HOMEWRIGHT_TEST_POSTGRES set, PostgreSQL is measured too.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import text

from kernel.data import Database
from kernel.data.dispatch import Dispatcher, Subscription
from kernel.data.jobs import Job, Jobs
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases, own_postgres
from kernel.testing.ledger import hear, source_metadata, target_metadata, tell

Measure = Callable[[Database, Database], Awaitable[tuple[str, int, float]]]
_EVENTS = 2000


async def reads(source: Database, target: Database) -> tuple[str, int, float]:
    one = text("SELECT number FROM told LIMIT 1")
    begun = time.perf_counter()
    for _ in range(_EVENTS):
        await source.read(lambda tx: tx.execute(one).all())
    return "read, one select", _EVENTS, time.perf_counter() - begun


async def writes_with_an_event(source: Database, target: Database) -> tuple[str, int, float]:
    begun = time.perf_counter()
    for number in range(_EVENTS):
        await source.write(lambda tx, number=number: tell(tx, f"lane{number % 7}", number))  # type: ignore[misc]
    return "write, one row and its event", _EVENTS, time.perf_counter() - begun


async def deliveries(source: Database, target: Database) -> tuple[str, int, float]:
    async def handle(envelope: Envelope) -> None:
        await hear(target, envelope)

    dispatcher = Dispatcher(source, [Subscription("target.hear", ("source.Numbered",), handle)])
    begun = time.perf_counter()
    count = await dispatcher.drain()
    return "event, carried and applied once", count, time.perf_counter() - begun


async def wakes(source: Database, target: Database) -> tuple[str, int, float]:
    """From before the commit to inside the handler, one at a time."""
    arrived = asyncio.Event()

    async def handle(envelope: Envelope) -> None:
        arrived.set()

    dispatcher = Dispatcher(source, [Subscription("target.hear", ("source.Numbered",), handle)])
    running = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0.2)
    begun, count = time.perf_counter(), 300
    for number in range(count):
        arrived.clear()
        await source.write(lambda tx, number=number: tell(tx, "wake", number))  # type: ignore[misc]
        await arrived.wait()
    seconds = time.perf_counter() - begun
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return "event, from commit to handler", count, seconds


async def steps(source: Database, target: Database) -> tuple[str, int, float]:
    async def handler(job: Job) -> None:
        for done in range(_EVENTS):
            await job.advance("step", done, _EVENTS, done)

    jobs = Jobs(source)
    jobs.handle("step", handler)
    await source.write(lambda tx: jobs.enqueue(tx, "step", None))
    begun = time.perf_counter()
    await jobs.drain()
    return "job, one advance", _EVENTS, time.perf_counter() - begun


async def measure(databases: Databases) -> None:
    async with (
        databases.opened("source", source_metadata) as source,
        databases.opened("target", target_metadata) as target,
    ):
        for one in (writes_with_an_event, reads, deliveries, wakes, steps):
            what, count, seconds = await one(source, target)
            each = seconds / count * 1e6
            print(f"{databases.kind:12} {what:34} {each:9.1f} µs {count / seconds:10.0f} /s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Databases("sqlite", f"sqlite:///{Path(folder)}/{{module}}.db")))
    if "HOMEWRIGHT_TEST_POSTGRES" in os.environ:
        with own_postgres() as url:
            asyncio.run(measure(Databases("postgresql", url)))


if __name__ == "__main__":
    main()
