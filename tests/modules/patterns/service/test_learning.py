"""A learning as its caller sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.modules.patterns.mining.homes import Home, lived_in
from tests.modules.patterns.service.conftest import OpenRoom, Room

from kernel.data.dispatch import Dispatcher
from kernel.data.migrate import check
from kernel.errors import Busy
from kernel.facade.context import calling
from kernel.facade.job import JobStatus
from kernel.testing.databases import Databases
from modules.patterns.errors import HistoryTooShort, UnknownJob
from modules.patterns.internal.tables import metadata
from modules.patterns.types import Habits, LearnRequest


async def _learned(room: Room, **asked: Any) -> Habits:
    job = await room.patterns.learn(LearnRequest(**asked))
    await room.jobs.drain()
    learning = await room.patterns.learning(job.id)
    assert learning.job.state == "done", learning.job.problem
    assert learning.report is not None
    assert learning.report.id == job.id
    return await room.patterns.habits()


async def _until(room: Room, job_id: str, good: Callable[[JobStatus], bool]) -> None:
    while not good((await room.patterns.learning(job_id)).job):
        await asyncio.sleep(0.005)


async def test_nothing_is_known_before_the_first_learning(room: Room) -> None:
    assert await room.patterns.habits() == Habits()


async def test_a_learning_leaves_habits_and_its_report(room: Room) -> None:
    await room.lives(lived_in())
    learned = await _learned(room)
    assert [habit.entity_id for habit in learned.habits] == ["light.hall", "light.kitchen"]
    assert learned.report is not None
    assert learned.report.kept == 2


async def test_tells_the_others_which_habits_there_are(room: Room) -> None:
    await room.lives(lived_in())
    learned = await _learned(room)
    told = [event for event in await Dispatcher(room.database, ()).parked() if event.topic == "patterns.HabitsFound"]
    assert len(told) == 1
    assert all(habit.id in told[0].payload for habit in learned.habits)


async def test_the_next_learning_takes_the_place_of_the_last(room: Room) -> None:
    await room.lives(lived_in())
    before = await _learned(room)
    after = await _learned(room, most_suggestions=1)
    assert after.habits == before.habits[:1]
    assert after.report is not None
    assert before.report is not None
    older = await room.patterns.learning(before.report.id)
    assert older.report == before.report


async def test_a_learning_that_finds_nothing_leaves_nothing(room: Room) -> None:
    await room.lives(Home(5).whims("light.study"))
    assert (await _learned(room)).habits == ()


async def test_too_short_a_history_is_refused_at_once(room: Room) -> None:
    with pytest.raises(HistoryTooShort):
        await room.patterns.learn(LearnRequest())
    await room.lives(lived_in(days=10))
    with pytest.raises(HistoryTooShort) as short:
        await room.patterns.learn(LearnRequest())
    assert short.value.days == 10 or short.value.days == 11


async def test_one_learning_waits_and_no_more(room: Room) -> None:
    await room.lives(lived_in(days=20))
    await room.patterns.learn(LearnRequest())
    with pytest.raises(Busy):
        await room.patterns.learn(LearnRequest())


async def test_learns_by_night_if_there_is_something_to_learn_from(room: Room) -> None:
    await room.inside.nightly["learn"]()
    assert await room.jobs.recent() == ()
    await room.lives(lived_in())
    await room.inside.nightly["learn"]()
    await room.inside.nightly["learn"]()
    await room.jobs.drain()
    assert [job.state for job in await room.jobs.recent()] == ["done"]
    assert len((await room.patterns.habits()).habits) == 2


async def test_a_key_starts_one_learning(room: Room) -> None:
    await room.lives(lived_in(days=20))
    with calling(key="tonight"):
        first = await room.patterns.learn(LearnRequest())
    with calling(key="tonight"):
        again = await room.patterns.learn(LearnRequest())
    assert again.id == first.id


async def test_a_cancelled_learning_leaves_the_habits_as_they_were(room: Room) -> None:
    await room.lives(lived_in())
    before = await _learned(room)
    job = await room.patterns.learn(LearnRequest(most_suggestions=1))
    await room.patterns.cancel_learning(job.id)
    await room.jobs.drain()
    assert (await room.patterns.learning(job.id)).job.state == "cancelled"
    assert await room.patterns.habits() == before


async def test_a_running_learning_can_be_cancelled(room: Room) -> None:
    await room.lives(lived_in(days=112))
    job = await room.patterns.learn(LearnRequest())
    running = asyncio.create_task(room.jobs.run())
    await _until(room, job.id, lambda status: status.state != "queued")
    await room.patterns.cancel_learning(job.id)
    await _until(room, job.id, lambda status: status.ended)
    running.cancel()
    state = (await room.patterns.learning(job.id)).job.state
    assert (state == "cancelled") == (await room.patterns.habits() == Habits())


async def test_a_learning_whose_process_stopped_is_finished_by_the_next(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await room.lives(lived_in())
        job = await room.patterns.learn(LearnRequest())
        running = asyncio.create_task(room.jobs.run())
        await _until(room, job.id, lambda status: status.state != "queued")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    async with open_room() as room:
        await asyncio.sleep(0.6)
        await room.jobs.drain()
        assert (await room.patterns.learning(job.id)).job.state == "done"
        assert len((await room.patterns.habits()).habits) == 2


async def test_only_learnings_are_learnings(room: Room) -> None:
    other = await room.database.write(lambda tx: room.jobs.enqueue(tx, "other", {}))
    for job_id in ("no such job", other.id):
        with pytest.raises(UnknownJob):
            await room.patterns.learning(job_id)
        with pytest.raises(UnknownJob):
            await room.patterns.cancel_learning(job_id)


async def test_the_migrations_make_the_tables_of_the_code(room: Room, databases: Databases) -> None:
    assert check("patterns", databases.url, metadata) == ()
