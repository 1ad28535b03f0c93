"""A process that tells numbers and carries them, made to be killed by `test_killing.py`. Its argument is a URL.

It tells more than it can in any life but its last, and still ends if its killer died first.
"""

from __future__ import annotations

import asyncio
import sys

from kernel.data import Database
from kernel.data.dispatch import Dispatcher, Patience, Subscription
from kernel.facade.event import Envelope
from kernel.testing.killing import last_life
from kernel.testing.ledger import all_told, hear, tell

LANES = ("a", "b", "c")
PATIENCE = Patience(lease_seconds=0.3, poll_seconds=0.1, first_pause_seconds=0.05)


async def main(url: str) -> None:
    source, target = await Database.open("source", url), await Database.open("target", url)

    async def handle(envelope: Envelope) -> None:
        await hear(target, envelope)

    dispatcher = Dispatcher(source, [Subscription("target.hear", ("source.Numbered",), handle)], patience=PATIENCE)
    carrying = asyncio.create_task(dispatcher.run())
    print("ready", flush=True)
    await asyncio.gather(*(tell_lane(source, lane) for lane in LANES))
    while await dispatcher.backlog():
        await asyncio.sleep(0.05)
    carrying.cancel()
    await asyncio.gather(carrying, return_exceptions=True)
    await source.close()
    await target.close()


async def tell_lane(source: Database, lane: str) -> None:
    """Go on after the last number that was told; promise each one only after its commit."""
    begin = len((await all_told(source)).get(lane, []))
    for number in range(begin, begin + (20 if last_life() else 20_000)):
        await tell_one(source, lane, number)
        print(f"kept {lane} {number}", flush=True)


async def tell_one(source: Database, lane: str, number: int) -> None:
    await source.write(lambda tx: tell(tx, lane, number))


asyncio.run(main(sys.argv[1]))
