"""kill -9 at random moments: nothing acknowledged is lost, nothing is applied twice, order holds."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kernel.data import Database
from kernel.testing.databases import Databases
from kernel.testing.killing import kill_repeatedly, kills_wanted
from kernel.testing.ledger import all_heard, all_told, source_metadata, target_metadata

HERE = Path(__file__).parent


async def test_events_survive_being_killed_over_and_over(databases: Databases) -> None:
    databases.create("source", source_metadata)
    databases.create("target", target_metadata)
    times = kills_wanted()
    numbers = (200 if databases.kind == "sqlite" else 50) * times
    command = [sys.executable, str(HERE / "victim.py"), databases.url, str(numbers)]
    ordeal = await asyncio.to_thread(kill_repeatedly, command, times=times, seed=20261120, longest_seconds=0.4)
    source, target = await Database.open("source", databases.url), await Database.open("target", databases.url)
    told, heard = await all_told(source), await all_heard(target)
    await source.close()
    await target.close()
    assert ordeal.kills == times
    promised = {(lane, int(number)) for lane, number in (line.split() for line in ordeal.kept)}
    assert promised <= {(lane, number) for lane, numbers in told.items() for number in numbers}
    assert heard == told == {lane: list(range(numbers)) for lane in "abc"}
