"""One module, hosted in this process: its database at the newest schema, its jobs, its dispatcher, its services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from homewright import registry
from kernel.data.database import Database
from kernel.data.dispatch import Dispatcher, Subscription
from kernel.data.jobs import Jobs
from kernel.data.migrate import upgrade
from kernel.facade import Facade
from kernel.runtime.cache import Cache
from kernel.runtime.settings import Settings
from kernel.runtime.wiring import Assembled, Kit, Ports


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Hosted:
    """A module that runs here."""

    name: str
    database: Database
    revision: str | None
    """Of its tables, as this version wants them."""
    jobs: Jobs
    assembled: Assembled

    def service(self, facade: Facade) -> object:
        return self.assembled.services[facade.protocol]

    def dispatcher(self, subscriptions: Sequence[Subscription]) -> Dispatcher:
        """Delivers what this module tells to whoever in this house wants to hear it."""
        return Dispatcher(self.database, tuple(subscriptions))


async def host(
    name: str, settings: Settings, ports: Callable[[str], Ports], heavy: Executor, cache: Cache, stack: AsyncExitStack
) -> Hosted:
    """Upgrade the module's database, open it, assemble the module. `stack` closes what was opened, in reverse."""
    inside = registry.interior(name)
    url = settings.database_url(name)
    revision = await asyncio.to_thread(upgrade, name, url, inside.metadata)
    database = await Database.open(name, url, durable=inside.durable)
    stack.push_async_callback(database.close)
    folder = settings.data_dir / name
    folder.mkdir(exist_ok=True)
    jobs = Jobs(database, queue_limit=settings.jobs.queue)
    kit = Kit(
        name=name,
        settings=settings,
        folder=folder,
        database=database,
        jobs=jobs,
        ports=ports(name),
        clock=utc_now,
        heavy=heavy,
        cache=cache,
    )
    assembled = inside.assemble(kit)
    for kind, handler in assembled.jobs.items():
        jobs.handle(kind, handler)
    if assembled.start:
        await assembled.start()
    if assembled.stop:
        stack.push_async_callback(assembled.stop)
    return Hosted(name, database, revision, jobs, assembled)
