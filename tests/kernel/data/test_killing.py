"""kill -9 at random moments: nothing acknowledged is lost, nothing is applied twice, order holds, work goes on."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kernel.data import Database
from kernel.data.jobs import Jobs
from kernel.testing.databases import Databases
from kernel.testing.killing import kill_repeatedly, kills_wanted
from kernel.testing.ledger import all_heard, all_told, source_metadata, target_metadata

HERE = Path(__file__).parent


async def test_a_job_survives_being_killed_over_and_over(databases: Databases) -> None:
    databases.create("source", source_metadata)
    times = kills_wanted()
    command = [sys.executable, str(HERE / "worker.py"), databases.url]
    ordeal = await asyncio.to_thread(kill_repeatedly, command, times=times, seed=20261121, longest_seconds=0.4)
    source = await Database.open("source", databases.url)
    told, (job,) = await all_told(source), await Jobs(source).recent()
    await source.close()
    assert ordeal.kills == times
    assert (job.state, job.stage) == ("done", "tell")
    assert told == {"job": list(range(job.done))}
    assert job.done > 20


async def test_events_survive_being_killed_over_and_over(databases: Databases) -> None:
    databases.create("source", source_metadata)
    databases.create("target", target_metadata)
    times = kills_wanted()
    command = [sys.executable, str(HERE / "victim.py"), databases.url]
    ordeal = await asyncio.to_thread(kill_repeatedly, command, times=times, seed=20261120, longest_seconds=0.4)
    source, target = await Database.open("source", databases.url), await Database.open("target", databases.url)
    told, heard = await all_told(source), await all_heard(target)
    await source.close()
    await target.close()
    assert ordeal.kills == times
    promised = {(lane, int(number)) for lane, number in (line.split() for line in ordeal.kept)}
    assert promised <= {(lane, number) for lane, numbers in told.items() for number in numbers}
    assert heard == told == {lane: list(range(len(numbers))) for lane, numbers in told.items()}
    assert len(promised) > 60
