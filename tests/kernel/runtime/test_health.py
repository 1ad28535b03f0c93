"""Health that can fail, and says what failed and what to do."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from tests.kernel.runtime.house import house, visiting

from kernel.data import Database, migrate
from kernel.errors import Unreachable
from kernel.runtime.health import Health
from kernel.runtime.health.checks import alive, answers, at_revision, database_writable, disk_space, lag, none_dead
from kernel.runtime.tables import metadata
from kernel.testing.databases import Databases


async def good() -> None: ...


async def test_ready_when_every_check_passes() -> None:
    async with visiting(house(checks={"a": good, "b": good}), None) as client:
        answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert [check["name"] for check in answer.json()["checks"]] == ["a", "b"]


async def test_not_ready_names_what_failed_and_why() -> None:
    async def bad() -> str:
        return "the disk is full: make room"

    async with visiting(house(checks={"disk": bad, "a": good}), None) as client:
        answer = await client.get("/health/ready")
        assert (await client.get("/health/live")).status_code == 200
    assert answer.status_code == 503
    assert {check["name"]: check["problem"] for check in answer.json()["checks"]} == {
        "a": None,
        "disk": "the disk is full: make room",
    }


async def test_a_check_that_hangs_fails_alone_and_in_time() -> None:
    async def hangs() -> None:
        await asyncio.sleep(60)

    began = time.monotonic()
    readiness = await Health({"slow": hangs, "fast": good}, check_seconds=0.1).ready()
    assert time.monotonic() - began < 1.0
    assert [(check.name, check.problem) for check in readiness.failed] == [("slow", "no answer within 0.1 s")]


async def test_a_check_that_breaks_counts_as_failed_without_telling_secrets() -> None:
    async def breaks() -> None:
        raise RuntimeError("canary")

    (failed,) = (await Health({"odd": breaks}).ready()).failed
    assert "RuntimeError" in str(failed.problem)
    assert "canary" not in str(failed.problem)


async def test_asking_often_runs_the_checks_once() -> None:
    runs = 0

    async def counted() -> None:
        nonlocal runs
        runs += 1

    health = Health({"a": counted})
    await asyncio.gather(*(health.ready() for _ in range(50)))
    assert runs == 1


def test_a_check_cannot_silently_replace_another() -> None:
    health = Health({"a": good})
    with pytest.raises(ValueError, match="'a'"):
        health.add("a", good)


async def test_a_database_that_cannot_be_written_is_told(kernel_database: Database, databases: Databases) -> None:
    assert await database_writable(kernel_database)() is None
    await kernel_database.close()
    readiness = await Health({"database": database_writable(kernel_database)}).ready()
    assert not readiness.ready


async def test_tables_of_another_revision_are_told(kernel_database: Database, databases: Databases) -> None:
    revision = migrate.current("kernel", databases.url)
    assert migrate.upgrade("kernel", databases.url, metadata) == revision
    assert await at_revision(kernel_database, revision)() is None
    assert "this version needs 0099: restart" in str(await at_revision(kernel_database, "0099")())


async def test_too_little_disk_space_is_told(tmp_path: Path) -> None:
    assert await disk_space(tmp_path, 1)() is None
    assert "make room" in str(await disk_space(tmp_path, 10**18)())


async def test_a_task_that_ended_is_told_with_its_reason() -> None:
    async def ends() -> None:
        raise OSError("gone")

    lives, dead = asyncio.create_task(asyncio.sleep(60)), asyncio.create_task(ends())
    await asyncio.wait([dead])
    assert await alive("the job runner", lambda: lives)() is None
    assert "OSError" in str(await alive("the job runner", lambda: dead)())
    assert "does not run" in str(await alive("the job runner", lambda: None)())
    lives.cancel()


@pytest.mark.parametrize(("age", "told"), [(None, False), (10.0, False), (11.0, True)])
async def test_what_waits_too_long_is_told(age: float | None, told: bool) -> None:
    async def oldest() -> float | None:
        return age

    problem = await lag("events", oldest, 10.0)()
    assert (problem is not None and "waited 11 s" in problem) is told


@pytest.mark.parametrize("dead", [[], ["a", "b"]])
async def test_what_was_given_up_is_told(dead: list[str]) -> None:
    async def letters() -> list[str]:
        return dead

    problem = await none_dead("events", letters)()
    assert (problem is not None and "2 of events" in problem) is bool(dead)


async def test_a_peer_that_does_not_answer_is_told() -> None:
    async def ask() -> None:
        raise Unreachable(peer="http://h:1", reason="refused")

    assert await answers("patterns", good)() is None
    assert "switch its facades back to local" in str(await answers("patterns", ask)())
