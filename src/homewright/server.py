"""The house as a server: REST, RPC, health and metrics on one port, nightly work beside it.

opening -> ready (says its address) -> SIGTERM -> requests end -> jobs reach a step -> databases close
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from homewright import registry
from homewright.house import House, open_house
from homewright.routes import house_routes
from homewright.version import VERSION
from homewright.works import Works
from kernel.data.dispatch import Dispatcher
from kernel.data.prune import prune
from kernel.facade.server import rpc_routes
from kernel.runtime.access import guard
from kernel.runtime.gateway import Gateway, build_app, serve
from kernel.runtime.health import Health, checks
from kernel.runtime.limits import Limits
from kernel.runtime.observe import logger, set_up_logs
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.observe.reading import Reading
from kernel.runtime.schedule import Schedule
from kernel.runtime.settings import Settings

PRUNE_CRON = "15 4 * * *"
"""When what is done and old is swept out of the outboxes and job tables, in the home's zone."""


async def serve_house(
    settings: Settings, only: Sequence[str] = (), ready: Callable[[str], None] = lambda address: None
) -> None:
    """Serve until SIGTERM or SIGINT. `only`: those modules' facades for other processes, without REST of their own."""
    set_up_logs(settings.log)
    async with open_house(settings, only) as house, house.working() as works:
        schedule = await _schedule(house, main=not only)
        try:
            await house.access.refresh()
            app = application(house, works, schedule, main=not only)
            await serve(app, settings.server, ready)
        finally:
            await schedule.stop()
    logger("server").info("stopped")


def application(house: House, works: Works, schedule: Schedule, *, main: bool) -> Gateway:
    """The ASGI application over an open house."""
    metrics = Metrics(house.meter)
    metrics.add(lambda: _readings(house))
    metrics.add(house.cache.readings)
    health = _health(house, works, schedule)
    rpc = rpc_routes(
        house.served(),
        guard=guard,
        meter=house.meter,
        most_body_bytes=house.settings.server.body_bytes,
    )
    return build_app(
        [*rpc, *(_public(house, health, schedule) if main else [])],
        version=VERSION,
        access=house.access,
        limits=Limits(house.settings.limits),
        health=health,
        metrics=metrics,
        body_bytes=house.settings.server.body_bytes,
    )


def _public(house: House, health: Health, schedule: Schedule) -> list[Any]:
    """What people and programs use: each module's REST, the house's own, and the plugins'."""
    ports = house.ports("rest")
    of_modules = [route for name in registry.NAMES for route in registry.routes(name, ports, house.settings.data_dir)]
    return [*of_modules, *house_routes(house, schedule), *house.plugins.routes(house.ports)]


async def _schedule(house: House, *, main: bool) -> Schedule:
    schedule = Schedule(house.database, ZoneInfo(house.settings.home.zone))
    if main:
        for hosted in house.hosted.values():
            for name, work in hosted.assembled.nightly.items():
                schedule.add(f"{hosted.name}.{name}", house.settings.learn.cron, work)
        schedule.add("kernel.prune", PRUNE_CRON, lambda: _prune(house))
    await schedule.start()
    return schedule


async def _prune(house: House) -> None:
    for database in (house.database, *(hosted.database for hosted in house.hosted.values())):
        await prune(database, datetime.now(UTC))


def _health(house: House, works: Works, schedule: Schedule) -> Health:
    settings = house.settings.health
    health = Health(check_seconds=settings.check_seconds)
    health.add("disk", checks.disk_space(house.settings.data_dir, settings.disk_free_bytes))
    health.add("access", house.access.check)
    health.add("schedule", schedule.check)
    health.add("plugins", house.plugins.check)
    health.add("peers", house.peers_answer)
    health.add("database:kernel", checks.database_writable(house.database))
    for name in works.tasks:
        health.add(f"work:{name}", checks.alive(name, lambda name=name: works.task(name)))  # type: ignore[misc]
    for name, hosted in house.hosted.items():
        health.add(f"database:{name}", checks.database_writable(hosted.database))
        health.add(f"migrations:{name}", checks.at_revision(hosted.database, hosted.revision))
        for what, check in hosted.assembled.checks.items():
            health.add(f"{name}:{what}", check)
    for name, dispatcher in house.dispatchers.items():
        health.add(f"outbox:{name}", checks.lag(f"{name}'s events", _age(dispatcher), settings.outbox_lag_seconds))
        health.add(f"letters:{name}", checks.none_dead(f"{name}'s events", dispatcher.dead_letters))
    return health


def _age(dispatcher: Dispatcher) -> Callable[[], Awaitable[float | None]]:
    async def seconds() -> float | None:
        waits = [one.oldest for one in await dispatcher.backlog() if one.oldest is not None]
        return (datetime.now(UTC) - min(waits)).total_seconds() if waits else None

    return seconds


async def _readings(house: House) -> Iterable[Reading]:
    readings: list[Reading] = []
    for name, dispatcher in house.dispatchers.items():
        for one in await dispatcher.backlog():
            labels = {"module": name, "consumer": one.consumer}
            readings.append(Reading("events_waiting", "Events that a consumer has not taken.", one.waiting, labels))
            readings.append(Reading("events_dead", "Events that a consumer could not take.", one.dead, labels))
    for name, hosted in house.hosted.items():
        unended = [job for job in await hosted.jobs.recent() if not job.ended]
        for state in ("queued", "running"):
            count = sum(job.state == state for job in unended)
            readings.append(Reading("jobs", "Jobs that have not ended.", count, {"module": name, "state": state}))
    return readings
