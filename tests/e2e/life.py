"""One life of a whole house that will be killed: it imports a file, takes changes, and its events go to the trail.

Run as: python life.py DATA HISTORY.csv. Each promise is printed after it was made (see kernel.testing.killing).
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homewright.house import House, open_house
from kernel.facade import calling
from kernel.runtime.settings import load
from kernel.testing.killing import last_life
from modules.patterns import History
from modules.patterns.types import HistoryBatch, ImportRequest, Place, StateChange

BEGINNING = datetime(2026, 6, 1, tzinfo=UTC)


def say(line: str) -> None:
    print(line, flush=True)


def change(number: int) -> StateChange:
    at = BEGINNING + timedelta(seconds=number)
    return StateChange(at=at, entity_id="light.told", state="on" if number % 2 else "off", origin="manual")


def told_before(kept: Path) -> int:
    return int(kept.read_text()) if kept.exists() else 0


def tell_next(kept: Path, number: int) -> None:
    fresh = kept.with_suffix(".new")
    fresh.write_text(str(number))
    os.replace(fresh, kept)


async def take_changes(house: House, kept: Path) -> None:
    """Go on where the last life was told that its changes are kept, with the same key if it never heard."""
    history = house.port(History)
    number = told_before(kept)
    while True:
        with calling(key=f"change-{number}"):
            await history.import_history(HistoryBatch(changes=(change(number),)))
        say(f"kept change {number}")
        number += 1
        tell_next(kept, number)
        await asyncio.sleep(0.005)


async def bring_in(house: House, source: Path) -> None:
    """Import the file; another life may have begun it, then this is the same import."""
    history = house.port(History)
    with calling(key="the-import"):
        started = await history.import_file(ImportRequest(path=str(source), place=Place(zone="UTC")))
    say(f"kept import {started.id}")
    while not (await history.import_status(started.id)).job.ended:
        await asyncio.sleep(0.01)


async def live(data: Path, source: Path) -> None:
    settings = load({"HOMEWRIGHT_DATA_DIR": str(data)})
    async with open_house(settings) as house:
        async with house.working():
            changes = asyncio.create_task(take_changes(house, data / "told"))
            say("ready")
            await bring_in(house, source)
            if last_life():
                changes.cancel()
            await asyncio.gather(changes, return_exceptions=True)
        await house.settle()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), Path(sys.argv[2])))
