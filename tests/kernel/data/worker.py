"""A process that runs one job of many steps, made to be killed by `test_killing.py`. Its argument is a URL.

The job is longer than any life but the last, and still ends if the killer died first.
"""

from __future__ import annotations

import asyncio
import sys

from kernel.data import Database, Tx
from kernel.data.jobs import Job, Jobs
from kernel.testing.killing import last_life
from kernel.testing.ledger import tell


async def main(url: str) -> None:
    database = await Database.open("source", url)
    jobs = Jobs(database, lease_seconds=0.3, poll_seconds=0.05, most_starts=1000)

    async def handler(job: Job) -> None:
        print("ready", flush=True)
        begin = job.checkpoint(int) or 0
        for n in range(begin, begin + (20 if last_life() else 20_000)):
            await step(database, job, n)

    jobs.handle("tell", handler)
    if not await jobs.recent():
        await database.write(lambda tx: jobs.enqueue(tx, "tell", None))
    running = asyncio.create_task(jobs.run())
    while not (await jobs.recent())[0].ended:
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()


async def step(database: Database, job: Job, n: int) -> None:
    """A change, its event and the checkpoint: all or none. A second time would break the table's key."""

    def work(tx: Tx) -> None:
        tell(tx, "job", n)
        job.advance_in(tx, "tell", n + 1, 0, n + 1)

    await database.write(work)


asyncio.run(main(sys.argv[1]))
