"""Long work: jobs are rows, claimed by lease, run by handlers, and taken up again after the end of a process.

    queued -> running -> done
       |         |----> failed (the stage and why)
       '---------'----> cancelled

A process holds a lease on what it runs and renews it by a heartbeat. After kill -9 the next process goes on at the
stored stage and checkpoint: on the same machine at once, since it sees that the owner is gone, else when the lease has
run out. After a graceful stop the lease is given back at the next advance.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from kernel.data import queue
from kernel.data.database import Database, touch
from kernel.data.engine import Tx
from kernel.data.job import Cancelled, Interrupted, Job, LeaseLost, Stopping
from kernel.data.owner import new_owner
from kernel.data.tables import to_us
from kernel.errors import Busy, Conflict, Fault, NotFound, Unavailable
from kernel.facade.context import calling, current
from kernel.facade.job import JobStatus

__all__ = ["Cancelled", "Interrupted", "Job", "JobHandler", "Jobs", "LeaseLost", "Stopping"]

JobHandler = Callable[[Job], Awaitable[None]]
_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Jobs:
    """The jobs of one module. Any process may enqueue; those that have a handler for the kind run it."""

    def __init__(
        self,
        database: Database,
        *,
        queue_limit: int = 100,
        at_once: int = 1,
        lease_seconds: float = 15.0,
        poll_seconds: float = 2.0,
        grace_seconds: float = 5.0,
        most_starts: int = 5,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._database = database
        self._queue_limit = queue_limit
        self._at_once = at_once
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._grace_seconds = grace_seconds
        self._most_starts = most_starts
        self._clock = clock
        self._me = new_owner()
        self._handlers: dict[str, JobHandler] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping, self._at_it = False, 0

    def handle(self, kind: str, handler: JobHandler) -> None:
        """Run jobs of this kind with `handler`. It may be started again at the last checkpoint, at any time."""
        self._handlers[kind] = handler
        self._wake.set()

    def enqueue(self, tx: Tx, kind: str, payload: Any) -> JobStatus:
        """Queue a job if this transaction commits. Raises Busy if too many wait already."""
        waiting = queue.waiting(tx)
        if waiting >= self._queue_limit:
            what = f"{waiting} jobs of {self._database.module} wait already"
            raise Busy(what=what, retry_after_seconds=30.0)
        touch(tx, "jobs")
        return queue.add(tx, kind, payload, current(), self._stamps()[0])

    async def put(self, kind: str, payload: Any) -> JobStatus:
        """As `enqueue`, in a transaction of its own: where nothing else changes with it. Raises Busy."""
        return await self._database.write(lambda tx: self.enqueue(tx, kind, payload))

    async def status(self, job_id: str) -> JobStatus | None:
        """How it stands, or None if there is no such job."""
        row = await self._database.read(lambda tx: queue.find(tx, job_id))
        return None if row is None else queue.status_of(row)

    async def recent(self, limit: int = 50) -> tuple[JobStatus, ...]:
        """The newest jobs first."""
        return await self._database.read(lambda tx: queue.recent(tx, limit))

    async def cancel(self, job_id: str) -> JobStatus:
        """Cancel at once if nobody runs it, else at its next advance; an ended job stays as it is. Raises NotFound."""

        def work(tx: Tx) -> JobStatus:
            if not _known(tx, job_id).ended:
                queue.cancel(tx, queue.find(tx, job_id), *self._stamps())
            return _known(tx, job_id)

        return await self._database.write(work)

    async def retry(self, job_id: str) -> JobStatus:
        """Queue a failed or cancelled job again; it goes on at its checkpoint. Raises NotFound, Conflict."""

        def work(tx: Tx) -> JobStatus:
            status = _known(tx, job_id)
            if status.state not in ("failed", "cancelled"):
                raise Conflict(what=f"job {job_id} is {status.state}: only a failed or cancelled job can be retried")
            queue.retry(tx, job_id, self._stamps()[0])
            touch(tx, "jobs")
            return _known(tx, job_id)

        return await self._database.write(work)

    async def run(self) -> None:
        """Run jobs until cancelled; then let the running ones reach their next advance, and give them back."""
        async with self._at_work():
            while True:
                self._wake.clear()
                await self._start_what_may_run()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(
                        self._poll_seconds
                    ):  # wait_for of Python 3.11 may swallow our cancelling
                        await self._wake.wait()

    async def drain(self) -> None:
        """Run all that can run now, and return when none is left."""
        async with self._at_work():
            await self._start_what_may_run()
            while self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
                await self._start_what_may_run()

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """`drain` may be called while `run` goes on: the last to leave puts out the light."""
        self._stopping, self._at_it = False, self._at_it + 1
        deaf = self._database.on_commit("jobs", self._wake.set)
        heart = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            deaf()
            self._at_it -= 1
            if not self._at_it:
                await self._stop()
            heart.cancel()

    async def _start_what_may_run(self) -> None:
        try:
            while len(self._running) < self._at_once and (claim := await self._claim()) is not None:
                task = asyncio.create_task(self._run(claim))
                self._running.add(task)
                task.add_done_callback(self._ended)
        except (Busy, Unavailable) as fault:
            _log.warning("no job could be claimed: %s", fault)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._wake.set()

    async def _claim(self) -> queue.Claim | None:
        def work(tx: Tx) -> queue.Claim | None:
            return queue.claim(tx, tuple(self._handlers), self._me, *self._stamps(), self._most_starts)

        return await self._database.write(work)

    async def _run(self, claim: queue.Claim) -> None:
        job = Job(self._database, claim, self._me, self._stamps, lambda: self._stopping)
        state, problem = "done", None
        try:
            with calling(caller=self._database.module, principal=claim.asked_by, trace_id=claim.trace_id):
                await self._handlers[claim.kind](job)
        except Cancelled:
            state = "cancelled"
        except (Stopping, LeaseLost, asyncio.CancelledError):
            await self._settle(lambda tx: queue.release(tx, claim.id, self._me))
            return
        except Fault as fault:
            state, problem = "failed", str(fault)
        except Exception as error:
            _log.exception("job %s (%s) failed by a mistake of ours", claim.id, claim.kind)
            state, problem = "failed", f"{type(error).__name__}: {error}"
        now = self._stamps()[0]
        await self._settle(lambda tx: queue.end_mine(tx, claim.id, self._me, state, problem, now))

    async def _settle(self, work: Callable[[Tx], Any]) -> None:
        """Write a job's end, also through a short trouble; if it stays, the lease runs out and the job resumes."""
        for pause in (0.1, 1.0, 5.0, None):
            try:
                await self._database.write(work)
                return
            except (Busy, Unavailable) as fault:
                _log.warning("a job's end could not be written: %s", fault)
                if pause is not None:
                    await asyncio.sleep(pause)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            if not self._running:
                continue
            try:
                await self._database.write(lambda tx: queue.renew(tx, self._me, self._stamps()[1]))
            except Fault as fault:
                _log.warning("the leases of running jobs could not be renewed: %s", fault)

    async def _stop(self) -> None:
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=self._grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(Busy, Unavailable):  # a claim that was under way; else its lease runs out by itself
            await self._database.write(lambda tx: queue.release_all(tx, self._me))

    def _stamps(self) -> tuple[int, int]:
        """Now, and when a lease taken now runs out."""
        now = to_us(self._clock())
        return now, now + int(self._lease_seconds * 1_000_000)


def _known(tx: Tx, job_id: str) -> JobStatus:
    row = queue.find(tx, job_id)
    if row is None:
        raise NotFound(kind="job", name=job_id)
    return queue.status_of(row)
