"""Long work outlives its process, says how far it is, and can be cancelled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select

from kernel.data import Database, Tx
from kernel.data.jobs import Cancelled, Job, JobHandler, Jobs, LeaseLost
from kernel.data.tables import house_tables
from kernel.errors import Busy, Conflict, NotFound
from kernel.facade import Principal, Value, calling, current
from kernel.facade.job import JobStatus
from kernel.testing.databases import Databases

metadata = house_tables(MetaData())
effects = Table("effects", metadata, Column("n", Integer, primary_key=True, autoincrement=False))


class Ask(Value, frozen=True, kw_only=True):
    steps: int


class Mark(Value, frozen=True, kw_only=True):
    next: int


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def enqueue(db: Database, jobs: Jobs, steps: int = 3) -> JobStatus:
    return await db.write(lambda tx: jobs.enqueue(tx, "count", Ask(steps=steps)))


async def step(db: Database, job: Job, n: int) -> None:
    """One effect and its checkpoint, in one transaction."""

    def work(tx: Tx) -> None:
        tx.execute(insert(effects), {"n": n})
        job.advance_in(tx, "count", n + 1, job.payload(Ask).steps, Mark(next=n + 1))

    await db.write(work)


def counting(db: Database, *, after: JobHandler | None = None) -> JobHandler:
    async def count(job: Job) -> None:
        begin = (job.checkpoint(Mark) or Mark(next=0)).next
        for n in range(begin, job.payload(Ask).steps):
            await step(db, job, n)
            if after:
                await after(job)

    return count


async def effects_of(db: Database) -> int:
    return await db.read(lambda tx: tx.execute(select(func.count()).select_from(effects)).scalar_one())


async def state(jobs: Jobs, job: JobStatus) -> tuple[str, str, int, int]:
    status = await jobs.status(job.id)
    assert status is not None
    return status.state, status.stage, status.done, status.total


async def test_runs_to_its_end_and_tells_how_far_it_is(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, seen = Jobs(db), []

        async def look(job: Job) -> None:
            seen.append(await state(jobs, asked))

        jobs.handle("count", counting(db, after=look))
        asked = await enqueue(db, jobs)
        assert (asked.state, asked.done, asked.ended) == ("queued", 0, False)
        await jobs.drain()
        assert seen == [("running", "count", n, 3) for n in (1, 2, 3)]
        assert await state(jobs, asked) == ("done", "count", 3, 3)
        assert await jobs.status("nobody") is None


async def test_is_not_queued_if_the_transaction_is_undone(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)

        def work(tx: Tx) -> None:
            jobs.enqueue(tx, "count", Ask(steps=1))
            raise Conflict(what="undone")

        with pytest.raises(Conflict, match="undone"):
            await db.write(work)
        assert await jobs.recent() == ()


async def test_a_fault_ends_it_with_its_sentence_and_stage(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)

        async def fails(job: Job) -> None:
            await job.advance("reading", 1, 10)
            raise Conflict(what="line 7 is no number")

        jobs.handle("count", fails)
        asked = await enqueue(db, jobs)
        await jobs.drain()
        status = await jobs.status(asked.id)
        assert status is not None
        assert (status.state, status.stage, status.done) == ("failed", "reading", 1)
        assert status.problem == "line 7 is no number"


async def test_a_mistake_of_ours_fails_the_job_and_not_the_house(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)

        async def fails(job: Job) -> None:
            raise KeyError("habit")

        jobs.handle("count", fails)
        first = await enqueue(db, jobs)
        await jobs.drain()
        jobs.handle("count", counting(db))
        second = await enqueue(db, jobs)
        await jobs.drain()
        failed, done = await jobs.status(first.id), await jobs.status(second.id)
        assert failed is not None
        assert done is not None
        assert (failed.problem, done.state) == ("KeyError: 'habit'", "done")


async def test_a_failed_job_can_be_retried_from_its_checkpoint(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)

        async def fail_after_two(job: Job) -> None:
            if await effects_of(db) == 2:
                raise Conflict(what="enough")

        jobs.handle("count", counting(db, after=fail_after_two))
        asked = await enqueue(db, jobs)
        await jobs.drain()
        assert await state(jobs, asked) == ("failed", "count", 2, 3)
        await jobs.retry(asked.id)
        await jobs.drain()
        assert (await state(jobs, asked), await effects_of(db)) == (("done", "count", 3, 3), 3)
        with pytest.raises(Conflict, match="is done: only a failed or cancelled job can be retried"):
            await jobs.retry(asked.id)


async def test_progress_within_a_stage_never_goes_back(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, seen = Jobs(db), []

        async def wavering(job: Job) -> None:
            for stage, done in (("a", 5), ("a", 3), ("a", 6), ("b", 1)):
                await job.advance(stage, done, 10)
                seen.append((await state(jobs, asked))[1:3])

        jobs.handle("count", wavering)
        asked = await enqueue(db, jobs)
        await jobs.drain()
        assert seen == [("a", 5), ("a", 5), ("a", 6), ("b", 1)]


async def test_a_full_queue_refuses_and_says_when_to_come_back(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db, queue_limit=2)
        for _ in range(2):
            await enqueue(db, jobs)
        with pytest.raises(Busy, match="2 jobs of toy wait already; try again in 30 s"):
            await enqueue(db, jobs)
        assert len(await jobs.recent()) == 2


async def test_a_queued_job_is_cancelled_at_once(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)
        jobs.handle("count", counting(db))
        asked = await enqueue(db, jobs)
        assert (await jobs.cancel(asked.id)).state == "cancelled"
        await jobs.drain()
        assert (await jobs.cancel(asked.id)).state == "cancelled"
        assert await effects_of(db) == 0
        with pytest.raises(NotFound, match="there is no job 'nobody'"):
            await jobs.cancel("nobody")


async def test_a_running_job_is_cancelled_at_its_next_advance_and_undoes_that_step(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, cleaned = Jobs(db), []

        async def cancel_after_two(job: Job) -> None:
            if await effects_of(db) == 2:
                assert (await jobs.cancel(job.id)).state == "running"

        async def handler(job: Job) -> None:
            try:
                await counting(db, after=cancel_after_two)(job)
            except Cancelled:
                cleaned.append(True)
                raise

        jobs.handle("count", handler)
        asked = await enqueue(db, jobs, steps=9)
        await jobs.drain()
        assert (await state(jobs, asked), await effects_of(db)) == (("cancelled", "count", 2, 9), 2)
        assert cleaned == [True]


async def test_what_a_dead_process_ran_resumes_at_its_checkpoint_when_the_lease_runs_out(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        clock = Clock()
        dead, heir = Jobs(db, clock=clock), Jobs(db, clock=clock)
        dead.handle("count", counting(db))
        asked = await enqueue(db, dead)
        claim = await dead._claim()
        assert claim is not None
        await step(db, Job(db, claim, dead._me, dead._stamps, lambda: False), 0)
        starts: list[tuple[str, Mark | None]] = []

        async def handler(job: Job) -> None:
            starts.append((job.stage, job.checkpoint(Mark)))
            await counting(db)(job)

        heir.handle("count", handler)
        await heir.drain()
        assert await state(heir, asked) == ("running", "count", 1, 3)
        clock.now += timedelta(seconds=16)
        await heir.drain()
        assert starts == [("count", Mark(next=1))]
        assert (await state(heir, asked), await effects_of(db)) == (("done", "count", 3, 3), 3)


async def test_one_who_lost_its_lease_can_write_nothing_more(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        clock = Clock()
        slow, heir = Jobs(db, clock=clock), Jobs(db, clock=clock)
        for one in (slow, heir):
            one.handle("count", counting(db))
        asked = await enqueue(db, slow)
        claim = await slow._claim()
        assert claim is not None
        clock.now += timedelta(seconds=16)
        await heir.drain()
        late = Job(db, claim, slow._me, slow._stamps, lambda: False)
        with pytest.raises(LeaseLost):
            await late.advance("count", 9, 9)
        with pytest.raises(LeaseLost):
            await db.write(late.finish_in)
        assert await state(heir, asked) == ("done", "count", 3, 3)


async def test_two_processes_never_run_one_job_at_the_same_time(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        other = await Database.open("toy", databases.url)
        inside, most, ran = 0, 0, []

        async def handler(job: Job) -> None:
            nonlocal inside, most
            inside, ran_before = inside + 1, job.id in ran
            most = max(most, inside)
            assert not ran_before
            ran.append(job.id)
            await asyncio.sleep(0.002)
            inside -= 1

        pool = [Jobs(one, poll_seconds=0.02) for one in (db, other)]
        for one in pool:
            one.handle("count", handler)
        asked = [await enqueue(db, pool[0]) for _ in range(20)]
        await asyncio.gather(*(one.drain() for one in pool))
        assert sorted(ran) == sorted(job.id for job in asked)
        assert most <= 2
        await other.close()


async def test_a_long_job_keeps_its_lease_by_its_heartbeat(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        starts: list[int] = []

        async def long(job: Job) -> None:
            starts.append(1)
            await asyncio.sleep(0.9)

        first, second = (Jobs(db, lease_seconds=0.3, poll_seconds=0.05) for _ in range(2))
        for one in (first, second):
            one.handle("count", long)
        asked = await enqueue(db, first)
        running = asyncio.create_task(second.run())
        await first.drain()
        async with asyncio.timeout(5):
            while (await state(first, asked))[0] != "done":
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert starts == [1]


async def test_a_graceful_stop_gives_the_job_back_at_its_next_advance(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, heir, begun = Jobs(db), Jobs(db), asyncio.Event()

        async def slow(job: Job) -> None:
            await job.advance("slow", 1, 2, Mark(next=1))
            begun.set()
            await asyncio.sleep(0.05)
            await job.advance("slow", 2, 2, Mark(next=2))
            raise AssertionError("it should have stopped")

        jobs.handle("count", slow)
        asked = await enqueue(db, jobs)
        running = asyncio.create_task(jobs.run())
        await begun.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert await state(heir, asked) == ("running", "slow", 2, 2)
        marks: list[Mark | None] = []

        async def finish(job: Job) -> None:
            marks.append(job.checkpoint(Mark))

        heir.handle("count", finish)
        await heir.drain()  # at once: no lease is left
        assert (marks, (await state(heir, asked))[0]) == ([Mark(next=2)], "done")


async def test_a_handler_that_ignores_the_stop_is_ended_after_the_grace(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, begun = Jobs(db, grace_seconds=0.1), asyncio.Event()

        async def deaf(job: Job) -> None:
            begun.set()
            await asyncio.sleep(60)

        jobs.handle("count", deaf)
        asked = await enqueue(db, jobs)
        running = asyncio.create_task(jobs.run())
        await begun.wait()
        running.cancel()
        await asyncio.wait_for(asyncio.gather(running, return_exceptions=True), 3)
        assert (await state(jobs, asked))[0] == "running"
        jobs.handle("count", counting(db))
        await jobs.drain()
        assert (await state(jobs, asked))[0] == "done"


async def test_a_job_that_ends_its_process_again_and_again_fails_in_words(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        clock = Clock()
        jobs = Jobs(db, clock=clock, most_starts=3)
        jobs.handle("count", counting(db))
        asked = await enqueue(db, jobs)
        for _ in range(3):
            assert await jobs._claim() is not None
            clock.now += timedelta(seconds=16)
        assert await jobs._claim() is None
        status = await jobs.status(asked.id)
        assert status is not None
        assert (status.state, status.problem) == ("failed", "the process ended 3 times without progress")


async def test_a_stage_that_always_ends_its_process_is_no_progress(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        clock = Clock()
        jobs = Jobs(db, clock=clock, most_starts=3)
        jobs.handle("count", counting(db))
        asked = await enqueue(db, jobs)
        starts = 0
        while (claim := await jobs._claim()) is not None:
            starts += 1
            await Job(db, claim, jobs._me, jobs._stamps, lambda: False).advance("load", 0, 0)
            clock.now += timedelta(seconds=16)
        status = await jobs.status(asked.id)
        assert status is not None
        assert status.problem == "the process ended 3 times in stage 'load' without progress"
        assert starts == 4  # to have come to the stage was progress once


async def test_a_commit_wakes_the_workers(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, ran = Jobs(db, poll_seconds=30), asyncio.Event()

        async def handler(job: Job) -> None:
            ran.set()

        jobs.handle("count", handler)
        running = asyncio.create_task(jobs.run())
        await asyncio.sleep(0.2)
        await enqueue(db, jobs)
        await asyncio.wait_for(ran.wait(), 5)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_draining_beside_a_running_one_does_not_stop_it(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db, poll_seconds=0.05)
        jobs.handle("count", counting(db))
        running = asyncio.create_task(jobs.run())
        await jobs.drain()
        asked = await enqueue(db, jobs)
        async with asyncio.timeout(5):
            while (await state(jobs, asked))[0] != "done":
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_finish_in_is_done_with_its_last_effect_or_not_at_all(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)

        async def handler(job: Job) -> None:
            def last(tx: Tx) -> None:
                tx.execute(insert(effects), {"n": 1})
                job.finish_in(tx)

            await db.write(last)
            raise KeyError("too late to matter")

        jobs.handle("count", handler)
        asked = await enqueue(db, jobs)
        await jobs.drain()
        assert ((await state(jobs, asked))[0], await effects_of(db)) == ("done", 1)


async def test_a_job_runs_as_the_one_who_asked_for_it(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs, seen = Jobs(db), []

        async def look(job: Job) -> None:
            seen.append((current().principal, current().trace_id, current().caller))

        jobs.handle("count", look)
        ann = Principal(name="ann", role="operator")
        with calling(principal=ann, trace_id="0af7651916cd43dd8448eb211c80319c"):
            await enqueue(db, jobs)
        await jobs.drain()
        assert seen == [(ann, "0af7651916cd43dd8448eb211c80319c", "toy")]


async def test_waits_for_a_handler_of_its_kind(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db)
        asked = await enqueue(db, jobs)
        await jobs.drain()
        assert (await state(jobs, asked))[0] == "queued"
        jobs.handle("count", counting(db))
        await jobs.drain()
        assert (await state(jobs, asked))[0] == "done"


async def test_a_stop_in_the_moment_of_a_nudge_is_not_lost(databases: Databases) -> None:
    """`asyncio.wait_for` of Python 3.11 forgets to be cancelled when what it waits for has just come: a house hung."""
    async with databases.opened("toy", metadata) as db:
        jobs = Jobs(db, poll_seconds=30)
        running = asyncio.create_task(jobs.run())
        await asyncio.sleep(0.2)
        jobs.handle("count", counting(db))
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=3)
        assert done
