"""A lease outlives its process only where nobody can see that the process is gone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.data import Database
from kernel.data.dispatch import Dispatcher, Patience, Subscription
from kernel.data.jobs import Job, Jobs
from kernel.data.owner import is_gone, new_owner
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from kernel.testing.ledger import source_metadata, tell

HOLDER = Path(__file__).parent / "holder.py"
OWNER = "import sys; from kernel.data.owner import new_owner; print(new_owner(), flush=True); sys.stdin.read()"


def living() -> tuple[subprocess.Popen[str], str]:
    """A process and the name it gives itself; it lives as long as its stdin is open."""
    process = subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_a_process_is_gone_when_it_is_and_not_before() -> None:
    process, owner = living()
    assert len(owner) == 32
    assert not is_gone(owner)
    process.kill()
    time.sleep(0.2)
    assert is_gone(owner), "dead, though its parent has not looked yet"
    process.communicate()
    assert is_gone(owner)


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    mine = new_owner()
    assert not is_gone(mine)
    started = f"{int(mine[16:24], 16) - 1:08x}"
    assert is_gone(mine[:16] + started + mine[24:])


def test_what_another_machine_or_an_older_version_holds_cannot_be_judged() -> None:
    process, owner = living()
    process.kill()
    process.communicate()
    assert is_gone(owner)
    elsewhere = f"{int(owner[:10], 16) ^ 1:010x}" + owner[10:]
    for name in (elsewhere, "0123456789abcdef0123456789abcdef", "me", ""):
        assert not is_gone(name)


def test_each_owner_in_a_process_has_its_own_name() -> None:
    assert new_owner() != new_owner()


@pytest.fixture
async def held(databases: Databases) -> AsyncIterator[tuple[Database, subprocess.Popen[bytes]]]:
    """A database with a job and an event that another process holds for 15 s, and that process."""
    async with databases.opened("source", source_metadata) as source:
        await source.write(lambda tx: tell(tx, "a", 1))
        await Jobs(source).put("hold", None)
        command = [sys.executable, str(HOLDER), databases.url]
        process = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"ready\n"
        yield source, process
        process.kill()
        process.wait()
        process.stdout.close()


class Next:
    """Who comes after: its jobs, its dispatcher, and what it got."""

    def __init__(self, source: Database) -> None:
        self.done: list[str] = []
        self.jobs = Jobs(source, poll_seconds=0.2)
        self.jobs.handle("hold", self._run)
        hear = Subscription("target.hear", ("source.Numbered",), self._hear)
        self.dispatcher = Dispatcher(source, [hear], patience=Patience(poll_seconds=0.2))

    async def _run(self, job: Job) -> None:
        self.done.append("job")

    async def _hear(self, envelope: Envelope) -> None:
        self.done.append("event")


async def test_a_restart_goes_on_at_once_with_what_the_killed_process_held(
    held: tuple[Database, subprocess.Popen[bytes]],
) -> None:
    source, process = held
    process.kill()
    process.wait()
    heir = Next(source)
    await heir.jobs.drain()
    await heir.dispatcher.drain()
    assert heir.done == ["job", "event"]


async def test_a_neighbour_takes_over_when_the_owner_is_killed_and_not_before(
    held: tuple[Database, subprocess.Popen[bytes]],
) -> None:
    source, process = held
    heir = Next(source)
    works = [asyncio.create_task(heir.jobs.run()), asyncio.create_task(heir.dispatcher.run())]
    await asyncio.sleep(1.0)
    assert heir.done == []
    process.kill()
    async with asyncio.timeout(5):
        while len(heir.done) < 2:
            await asyncio.sleep(0.05)
    assert sorted(heir.done) == ["event", "job"]
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
