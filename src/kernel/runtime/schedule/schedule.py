"""The schedule of the house. What has run is kept in the kernel's table, so that a restart forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from kernel.facade.values import Instant, Value
from kernel.runtime.cron import cron_trigger
from kernel.runtime.observe.log import logger
from kernel.runtime.schedule import store

if TYPE_CHECKING:
    from kernel.data import Database

Work = Callable[[], Awaitable[Any]]


class ScheduledWork(Value, frozen=True, kw_only=True):
    """One work: when it runs next, how it went last."""

    name: str
    cron: str
    next_at: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    problem: str | None = None


@dataclass(frozen=True)
class _Planned:
    cron: str
    trigger: CronTrigger
    work: Work


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Schedule:
    """Runs works at their times in `zone`. `add` them, then `start`."""

    def __init__(self, database: Database, zone: ZoneInfo, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock
        self._planned: dict[str, _Planned] = {}
        self._scheduler = AsyncIOScheduler(timezone=zone)
        self._one_at_a_time = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    def add(self, name: str, cron: str, work: Work) -> None:
        """Plan a work; an empty cron line plans none. Raises ValueError for a bad line."""
        if cron:
            self._planned[name] = _Planned(cron, cron_trigger(cron, self._zone), work)

    async def start(self) -> None:
        """Begin to keep time, and catch up once on what was missed."""
        last = await self._database.read(store.last_runs)
        for name, planned in self._planned.items():
            self._scheduler.add_job(
                self._fire,
                planned.trigger,
                args=[name],
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
            if self._missed(planned, last.get(name)):
                self._launch(name)
            elif name not in last:
                await self._note(name, started=False)
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop keeping time; work under way is cancelled and will be caught up."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it is done by a callback of the loop
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def works(self) -> tuple[ScheduledWork, ...]:
        """Every planned work, the next first."""
        last = await self._database.read(store.last_runs)
        works = [self._as_value(name, planned, last.get(name)) for name, planned in self._planned.items()]
        return tuple(sorted(works, key=lambda work: (work.next_at is None, work.next_at, work.name)))

    async def run_now(self, name: str) -> None:
        """Run a work out of turn, after any that runs. Raises KeyError for an unknown name."""
        await self._run(name, self._planned[name].work)

    async def check(self) -> str | None:
        """For health: None, or which work failed last time and why, or that the scheduler stands still."""
        if self._planned and not self._scheduler.running:
            return "the scheduler does not run: restart the house"
        failed = [f"{work.name} failed: {work.problem}" for work in await self.works() if work.problem]
        return "; ".join(failed) or None

    def _as_value(self, name: str, planned: _Planned, last: store.LastRun | None) -> ScheduledWork:
        return ScheduledWork(
            name=name,
            cron=planned.cron,
            next_at=planned.trigger.get_next_fire_time(None, self._clock()),
            started_at=last.started_at if last else None,
            ended_at=last.ended_at if last else None,
            problem=last.problem if last else None,
        )

    def _missed(self, planned: _Planned, last: store.LastRun | None) -> bool:
        if last is None:
            return False
        if last.started_at is not None and last.ended_at is None:
            return True
        due = planned.trigger.get_next_fire_time(None, last.due_at + timedelta(seconds=1))
        return due is not None and due <= self._clock()

    async def _fire(self, name: str) -> None:
        """A coroutine, or APScheduler would call it from a thread."""
        self._launch(name)

    def _launch(self, name: str) -> None:
        task = asyncio.get_running_loop().create_task(self._run(name, self._planned[name].work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, name: str, work: Work) -> None:
        async with self._one_at_a_time:
            await self._note(name, started=True)
            problem: str | None = None
            try:
                await work()
            except Exception as failure:
                problem = str(failure) or type(failure).__name__
                logger("schedule").error("work_failed", work=name, exc_info=failure)
            await self._database.write(lambda tx: store.ended(tx, name, self._clock(), problem))

    async def _note(self, name: str, started: bool) -> None:
        await self._database.write(lambda tx: store.due(tx, name, self._clock(), started))
