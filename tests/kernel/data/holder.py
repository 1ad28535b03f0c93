"""A process that takes a job and an event of `source` and holds on to them. Its argument is a URL."""

from __future__ import annotations

import asyncio
import sys

from kernel.data import Database
from kernel.data.dispatch import Dispatcher, Subscription
from kernel.data.jobs import Job, Jobs
from kernel.facade.event import Envelope


async def main(url: str) -> None:
    database, begun = await Database.open("source", url), asyncio.Semaphore(0)

    async def run(job: Job) -> None:
        begun.release()
        await asyncio.Event().wait()

    async def hear(envelope: Envelope) -> None:
        begun.release()
        await asyncio.Event().wait()

    jobs = Jobs(database)
    jobs.handle("hold", run)
    dispatcher = Dispatcher(database, [Subscription("target.hear", ("source.Numbered",), hear)])
    works = [asyncio.create_task(jobs.run()), asyncio.create_task(dispatcher.run())]
    await begun.acquire()
    await begun.acquire()
    print("ready", flush=True)
    await asyncio.gather(*works)


asyncio.run(main(sys.argv[1]))
