"""Nightly work: at its time, one at a time, caught up once, and honest about failures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.data import Database
from kernel.runtime.cron import cron_trigger
from kernel.runtime.schedule import Schedule
from kernel.runtime.schedule.store import due, last_runs

BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Nights:
    """Counts its runs."""

    def __init__(self, takes: float = 0.0, problem: str | None = None) -> None:
        self.runs = self.at_once = self.most_at_once = 0
        self.takes = takes
        self.problem = problem
        self.ran = asyncio.Event()

    async def __call__(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.runs += 1
        await asyncio.sleep(self.takes)
        self.at_once -= 1
        self.ran.set()
        if self.problem:
            raise ValueError(self.problem)


async def started(database: Database, clock: Clock, work: Nights) -> Schedule:
    schedule = Schedule(database, BERLIN, clock)
    schedule.add("learn", "30 3 * * *", work)
    await schedule.start()
    await asyncio.sleep(0.05)
    return schedule


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo"])
async def test_the_next_run_is_in_the_homes_own_time(kernel_database: Database, zone: str) -> None:
    schedule = Schedule(kernel_database, ZoneInfo(zone), Clock())
    schedule.add("learn", "30 3 * * *", Nights())
    (work,) = await schedule.works()
    assert work.next_at == datetime(2026, 11, 21, 3, 30, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("line", "hour"), [("0 1 * * *", 1), ("0 5 * * *", 5)])
async def test_the_line_says_when(kernel_database: Database, line: str, hour: int) -> None:
    schedule = Schedule(kernel_database, BERLIN, Clock())
    schedule.add("learn", line, Nights())
    (work,) = await schedule.works()
    assert work.next_at == datetime(2026, 11, 21, hour, tzinfo=BERLIN)


async def test_nothing_runs_at_the_first_start(kernel_database: Database) -> None:
    work = Nights()
    await (await started(kernel_database, Clock(), work)).stop()
    assert work.runs == 0


async def test_nights_that_were_missed_are_caught_up_once(kernel_database: Database) -> None:
    clock, work = Clock(), Nights()
    await (await started(kernel_database, clock, work)).stop()
    clock.now += timedelta(days=5)
    for _ in range(2):
        await (await started(kernel_database, clock, work)).stop()
    assert work.runs == 1


async def test_a_restart_between_two_nights_runs_nothing(kernel_database: Database) -> None:
    clock, work = Clock(), Nights()
    await (await started(kernel_database, clock, work)).stop()
    clock.now += timedelta(hours=14)
    await (await started(kernel_database, clock, work)).stop()
    assert work.runs == 0


async def test_a_run_that_a_killed_process_left_is_run_again(kernel_database: Database) -> None:
    clock, work = Clock(), Nights()
    await kernel_database.write(lambda tx: due(tx, "learn", clock.now, True))
    await (await started(kernel_database, clock, work)).stop()
    assert work.runs == 1
    rows = await kernel_database.read(last_runs)
    assert rows["learn"].ended_at == clock.now


async def test_the_real_clock_fires_it(kernel_database: Database) -> None:
    work = Nights()
    schedule = Schedule(kernel_database, BERLIN)
    schedule.add("minute", "* * * * *", work)
    await schedule.start()
    (job,) = schedule._scheduler.get_jobs()
    job.modify(next_run_time=datetime.now(UTC) + timedelta(seconds=0.1))
    await asyncio.wait_for(work.ran.wait(), 5)
    await schedule.stop()


async def test_works_never_run_at_once(kernel_database: Database) -> None:
    work = Nights(takes=0.05)
    schedule = Schedule(kernel_database, BERLIN, Clock())
    for name in ("learn", "prune", "report"):
        schedule.add(name, "30 3 * * *", work)
    await asyncio.gather(*(schedule.run_now(name) for name in ("learn", "prune", "report")))
    assert (work.runs, work.most_at_once) == (3, 1)


async def test_a_failure_is_in_health_until_a_run_succeeds(kernel_database: Database) -> None:
    work = Nights(problem="no history yet")
    schedule = await started(kernel_database, Clock(), work)
    await schedule.run_now("learn")
    assert await schedule.check() == "learn failed: no history yet"
    work.problem = None
    await schedule.run_now("learn")
    assert await schedule.check() is None
    await schedule.stop()


async def test_a_scheduler_that_stands_still_is_in_health(kernel_database: Database) -> None:
    schedule = await started(kernel_database, Clock(), Nights())
    await schedule.stop()
    assert "does not run" in str(await schedule.check())


async def test_an_empty_line_plans_nothing(kernel_database: Database) -> None:
    schedule = Schedule(kernel_database, BERLIN, Clock())
    schedule.add("learn", "", Nights())
    assert await schedule.works() == ()
    assert await schedule.check() is None


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("0 4 * * 0", "Sun"),
        ("0 4 * * 7", "Sun"),
        ("0 4 * * 1", "Mon"),
        ("0 4 * * 6", "Sat"),
        ("0 4 * * sun", "Sun"),
        ("0 4 * * 5,0", "Fri"),
    ],
)
def test_days_of_the_week_are_counted_as_cron_counts_them(line: str, day: str) -> None:
    monday_or_later = datetime(2026, 11, 20, 5, tzinfo=UTC) if day != "Fri" else datetime(2026, 11, 22, 5, tzinfo=UTC)
    next_at = cron_trigger(line, UTC).get_next_fire_time(None, monday_or_later)
    assert next_at is not None
    assert next_at.strftime("%a") == day


def test_steps_are_not_days() -> None:
    assert cron_trigger("*/5 * * * *", UTC) is not None
    with pytest.raises(ValueError, match="fields"):
        cron_trigger("* * *", UTC)
