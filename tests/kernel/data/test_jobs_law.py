"""The law of jobs, under any order of dying, stalling, stopping, cancelling and time passing.

Whatever happens: each step's effect is there at most once, progress never goes back, an ended job never changes, and
when all troubles end, every job that was not cancelled has done all of its steps.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from kernel.data import Database, Tx
from kernel.data.jobs import Job, Jobs
from kernel.data.queue import Claim
from kernel.data.tables import house_tables
from kernel.errors import Conflict
from kernel.facade.job import JobStatus
from kernel.testing.databases import Databases

metadata = house_tables(MetaData())
steps = Table("steps", metadata, Column("job", String, primary_key=True), Column("n", Integer, primary_key=True))
LENGTH = 5


class JobsLaw(RuleBasedStateMachine):
    """One queue and two workers; a worker's process may die or stall at any step."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        databases = Databases("sqlite", f"sqlite:///{Path(self.folder.name)}/{{module}}.db")
        databases.create("toy", metadata)
        self.database = self.wait(Database.open("toy", databases.url))
        self.workers = [self.worker(), self.worker()]
        self.seen: dict[str, JobStatus] = {}
        self.stalled: list[tuple[Jobs, Claim]] = []
        self.fails_at: int | None = None

    def wait(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def worker(self) -> Jobs:
        jobs = Jobs(self.database, clock=lambda: self.now, most_starts=1000)
        jobs.handle("count", self.handler)
        return jobs

    async def handler(self, job: Job) -> None:
        for n in range(job.checkpoint(int) or 0, LENGTH):
            if n == self.fails_at:
                raise Conflict(what="stop here")
            await self.step(job, n)

    async def step(self, job: Job, n: int) -> None:
        def work(tx: Tx) -> None:
            tx.execute(insert(steps), {"job": job.id, "n": n})
            job.advance_in(tx, "count", n + 1, LENGTH, n + 1)

        await self.database.write(work)

    @rule()
    def enqueue(self) -> None:
        status = self.wait(self.database.write(lambda tx: self.workers[0].enqueue(tx, "count", None)))
        self.seen[status.id] = status

    @rule(which=st.integers(0, 1), fails_at=st.one_of(st.none(), st.integers(0, LENGTH - 1)))
    def work(self, which: int, fails_at: int | None) -> None:
        self.fails_at = fails_at
        self.wait(self.workers[which].drain())

    @rule(which=st.integers(0, 1), count=st.integers(0, LENGTH))
    def die_after_some_steps(self, which: int, count: int) -> None:
        worker = self.workers[which]
        claim = self.wait(worker._claim())
        if claim is not None:
            self.some_steps(worker, claim, count)
            self.stalled.append((worker, claim))
        self.workers[which] = self.worker()

    def some_steps(self, worker: Jobs, claim: Claim, count: int) -> None:
        job = Job(self.database, claim, worker._me, worker._stamps, lambda: False)
        begin = job.checkpoint(int) or 0
        for n in range(begin, min(begin + count, LENGTH)):
            self.wait(self.step(job, n))

    @precondition(lambda self: self.stalled)
    @rule()
    def a_stalled_process_wakes_and_goes_on(self) -> None:
        worker, claim = self.stalled.pop()
        job = Job(self.database, claim, worker._me, worker._stamps, lambda: False)
        try:
            self.wait(job.advance("count", LENGTH, LENGTH, LENGTH))
        except Exception:
            return
        assert self.wait(worker.status(claim.id)).state == "running"
        self.wait(
            self.database.write(lambda tx: [tx.execute(insert(steps), row) for row in self.missing(tx, claim.id)])
        )

    def missing(self, tx: Tx, job: str) -> list[dict[str, Any]]:
        """It held its lease all along, and now makes true what it said."""
        there = set(tx.execute(select(steps.c.n).where(steps.c.job == job)).scalars())
        return [{"job": job, "n": n} for n in range(LENGTH) if n not in there]

    @rule(seconds=st.sampled_from((5, 20)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job = data.draw(st.sampled_from(list(self.seen)))  # as they were queued: their ids are another in each run
        self.wait(self.workers[0].cancel(job))

    @precondition(lambda self: any(one.state == "failed" for one in self.seen.values()))
    @rule()
    def retry_the_failed(self) -> None:
        for status in tuple(self.seen.values()):
            if status.state == "failed":
                self.seen[status.id] = self.wait(self.workers[0].retry(status.id))

    @invariant()
    def nothing_goes_back(self) -> None:
        for job, before in self.seen.items():
            status = self.wait(self.workers[0].status(job))
            assert status.done >= before.done
            assert not before.ended or status == before
            assert status.state != "done" or self.count(job) == LENGTH
            self.seen[job] = status

    def count(self, job: str) -> int:
        return len(self.wait(self.database.read(lambda tx: tx.execute(select(steps).where(steps.c.job == job)).all())))

    def teardown(self) -> None:
        try:
            self.nothing_goes_back()
            self.retry_the_failed()
            self.now += timedelta(seconds=20)
            self.work(which=0, fails_at=None)
            self.nothing_goes_back()
            assert {status.state for status in self.seen.values()} <= {"done", "cancelled"}
        finally:
            self.wait(self.database.close())
            self.loop.close()
            self.folder.cleanup()


TestJobs = JobsLaw.TestCase
TestJobs.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
