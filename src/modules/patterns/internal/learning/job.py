"""The learning job: the miner works in a thread, the job tells how far it is, and what was found is stored at once.

    loading -> mining -> selecting -> testing -> null home -> storing (with the job's own end, in one transaction)

A learning takes seconds and keeps no checkpoint: a killed one begins anew, and gives the same habits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Final

import msgspec

from kernel.data import Database, Tx
from kernel.data.jobs import Job
from kernel.data.outbox import emit
from modules.patterns.events import HabitsFound
from modules.patterns.internal.domain.learn import learn
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.learning import store
from modules.patterns.types import Habit, LearnReport, LearnRequest

_TELL_SECONDS: Final = 0.2

Learned = tuple[LearnReport, tuple[Habit, ...]]


class _GivenUp(Exception):
    """Ends the thread of a learning that nobody waits for any more."""


class _Progress:
    """How far the thread is, for the event loop to read; and the word to stop, for the thread to hear."""

    def __init__(self) -> None:
        self.now = ("loading", 0, 1)
        self.given_up = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.given_up:
            raise _GivenUp
        self.now = (stage, done, total)


class Learner:
    """Handles jobs of the kind `patterns.learn`."""

    def __init__(
        self,
        database: Database,
        log: Callable[[], Awaitable[Log]],
        heavy: Executor,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._heavy = heavy
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        await job.advance("loading", 0, 1)
        log = await self._log()
        report, habits = await self._learned(job, log)
        report = msgspec.structs.replace(report, id=job.id)
        await self._database.write(lambda tx: _keep(tx, job, report, habits))

    async def _learned(self, job: Job, log: Log) -> Learned:
        """Learn in a thread. When the job is cancelled or the process stops, the thread ends at its next step."""
        progress, request, now = _Progress(), job.payload(LearnRequest), self._clock()
        work = asyncio.get_running_loop().run_in_executor(self._heavy, learn, log, request, now, progress)
        try:
            while not (await asyncio.wait((work,), timeout=_TELL_SECONDS))[0]:
                await job.advance(*progress.now)
            return work.result()
        finally:
            progress.given_up = True
            await asyncio.wait((work,))
            if not work.cancelled():
                work.exception()


def _keep(tx: Tx, job: Job, report: LearnReport, habits: tuple[Habit, ...]) -> None:
    store.replace(tx, job.id, report, habits)
    emit(tx, HabitsFound(learning_id=report.id, habit_ids=tuple(habit.id for habit in habits)))
    job.advance_in(tx, "storing", 1, 1)
    job.finish_in(tx)
