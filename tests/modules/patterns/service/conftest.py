"""`patterns` as the house assembles it: a migrated database, jobs, local ports; the gateway in front where asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.modules.patterns.mining.homes import Home

from kernel.data import Database
from kernel.data.jobs import Jobs
from kernel.facade.local import local_port
from kernel.runtime.cache import Cache
from kernel.runtime.settings import load
from kernel.runtime.wiring import Assembled, Kit, Ports
from kernel.testing.databases import Databases, databases, postgres_url
from modules.patterns import FACADES, History, Patterns, Replay
from modules.patterns.internal.service.replay import CACHED
from modules.patterns.internal.tables import metadata
from modules.patterns.internal.wiring import assemble
from modules.patterns.types import HistoryBatch, Place, StateChange

__all__ = ["Room", "databases", "open_room", "postgres_url", "room"]

ORIGINS = ("unknown", "manual", "automation")


@dataclass
class Room:
    """The module, ready to be called."""

    ports: Ports
    database: Database
    jobs: Jobs
    inside: Assembled

    @property
    def history(self) -> History:
        return self.ports.of(History)

    @property
    def patterns(self) -> Patterns:
        return self.ports.of(Patterns)

    @property
    def replay(self) -> Replay:
        return self.ports.of(Replay)

    async def lives(self, home: Home) -> None:
        """Put the home's past into the history."""
        changes = tuple(
            StateChange(at=datetime.fromtimestamp(at / 1000, UTC), entity_id=e, state=s, origin=ORIGINS[origin])  # type: ignore[arg-type]
            for at, e, s, origin in home.rows
        )
        await self.history.import_history(HistoryBatch(changes=changes, place=Place(zone="UTC")))


OpenRoom = Callable[[], Any]


@pytest.fixture
def open_room(databases: Databases, tmp_path: Path) -> OpenRoom:
    """Each call is a process's start on the same database and folder."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Room]:
        settings = load({"HOMEWRIGHT_DATA_DIR": str(tmp_path)})
        async with databases.migrated("patterns", metadata) as database:
            jobs = Jobs(database, lease_seconds=0.5)
            with ThreadPoolExecutor(2) as heavy:
                unused = Ports(lambda protocol, caller: None, "patterns")
                cache = Cache(tmp_path / "cache.db", settings.cache, {CACHED: 60.0})
                now = lambda: datetime.now(UTC)  # noqa: E731
                kit = Kit("patterns", settings, tmp_path, database, jobs, unused, now, heavy, cache)
                inside = assemble(kit)
                for kind, handler in inside.jobs.items():
                    jobs.handle(kind, handler)
                if inside.start:
                    await inside.start()
                facades = {facade.protocol: facade for facade in FACADES}
                ports = Ports(
                    lambda protocol, caller: local_port(facades[protocol], inside.services[protocol], caller), "test"
                )
                yield Room(ports, database, jobs, inside)
                await cache.close()

    return opened


@pytest.fixture
async def room(open_room: OpenRoom) -> AsyncIterator[Room]:
    async with open_room() as opened:
        yield opened
