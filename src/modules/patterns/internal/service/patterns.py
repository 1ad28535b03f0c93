"""Behind the facade `Patterns`: starts learnings, tells how they go, and gives what was learned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from typing import Final

from kernel.data import Database, Tx
from kernel.data.jobs import Jobs
from kernel.data.once import once
from kernel.errors import Busy
from kernel.facade.job import JobStatus
from modules.patterns.errors import HistoryTooShort, UnknownJob
from modules.patterns.facade import Patterns
from modules.patterns.internal.domain.learn_past import Past, days_of
from modules.patterns.internal.domain.learn_split import FEWEST_DAYS
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.nullhome import null_home
from modules.patterns.internal.history.memory import ORIGIN_NAMES, instant
from modules.patterns.internal.learning import store
from modules.patterns.types import Habits, Learning, LearnRequest, StateChange

_AT_ONCE: Final = 5_000
_log = logging.getLogger(__name__)


class PatternsService(Patterns):
    """Learnings are jobs of the kind `patterns.learn`; at most one waits while another runs."""

    def __init__(self, database: Database, jobs: Jobs, log: Callable[[], Awaitable[Log]], heavy: Executor) -> None:
        self._database = database
        self._jobs = jobs
        self._log = log
        self._heavy = heavy

    async def learn(self, request: LearnRequest) -> JobStatus:
        log = await self._log()
        days = len(await asyncio.get_running_loop().run_in_executor(self._heavy, days_of, log))
        if days < FEWEST_DAYS:
            raise HistoryTooShort(days=days, needed=FEWEST_DAYS)
        return await once(self._database, "Patterns.learn", request, JobStatus, lambda tx: self._queue(tx, request))

    async def null_home(self, seed: int = 0) -> AsyncIterator[StateChange]:
        log = await self._log()
        loop = asyncio.get_running_loop()
        null = await loop.run_in_executor(self._heavy, _null_of, log, seed)
        for start in range(0, len(null), _AT_ONCE):
            for change in await loop.run_in_executor(self._heavy, _changes, null, start, start + _AT_ONCE):
                yield change

    def _queue(self, tx: Tx, request: LearnRequest) -> JobStatus:
        if store.waiting(tx):
            raise Busy(what="a learning waits already", retry_after_seconds=30.0)
        return self._jobs.enqueue(tx, store.KIND, request)

    async def learn_tonight(self) -> None:
        """The nightly learning: with the usual request, if there is enough to learn from and nothing waits."""
        try:
            await self.learn(LearnRequest())
        except (HistoryTooShort, Busy) as reason:
            _log.info("no learning tonight: %s", reason)

    async def learning(self, job_id: str) -> Learning:
        status = await self._known(job_id)
        return Learning(job=status, report=await self._database.read(lambda tx: store.report_of(tx, job_id)))

    async def cancel_learning(self, job_id: str) -> JobStatus:
        await self._known(job_id)
        return await self._jobs.cancel(job_id)

    async def habits(self) -> Habits:
        return await self._database.read(store.last)

    async def _known(self, job_id: str) -> JobStatus:
        status = await self._jobs.status(job_id)
        if status is None or status.kind != store.KIND:
            raise UnknownJob(job_id=job_id)
        return status


def _null_of(log: Log, seed: int) -> Log:
    """Raises HistoryTooShort."""
    days = len(days_of(log))
    if days < FEWEST_DAYS:
        raise HistoryTooShort(days=days, needed=FEWEST_DAYS)
    return null_home(Past.of(log), seed, int(log.times[0]), int(log.times[-1]) + 1)


def _changes(log: Log, low: int, high: int) -> list[StateChange]:
    parts = (log.times, log.entities, log.states, log.origins)
    columns = (part[low:high].tolist() for part in parts)
    return [
        StateChange(
            at=instant(at), entity_id=log.entity_ids[entity], state=log.state_names[state], origin=ORIGIN_NAMES[origin]
        )
        for at, entity, state, origin in zip(*columns, strict=True)
    ]
