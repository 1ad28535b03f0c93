"""The house: the modules of this process, the switches in front of their facades, and what keeps them going.

    open -> (working: jobs run, events are delivered, switches and tokens are followed) -> closed

The only place that may look inside a module, to assemble it. Callers get ports; nobody gets a service.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from homewright import registry
from homewright.fleet import Fleet
from homewright.hosting import Hosted, host, utc_now
from homewright.plugins import Plugins
from homewright.works import Run, Works
from kernel.data.database import Database
from kernel.data.dispatch import Dispatcher
from kernel.data.jobs import Jobs
from kernel.data.migrate import upgrade
from kernel.errors import Invalid, NotFound
from kernel.facade import Facade
from kernel.facade.meter import Meter
from kernel.facade.switch import Switch
from kernel.runtime import tables as kernel_tables
from kernel.runtime.access import Access
from kernel.runtime.cache import Cache
from kernel.runtime.settings import Settings
from kernel.runtime.switches import KeptSwitches
from kernel.runtime.wiring import Ports

P = TypeVar("P")
SECONDS_TO_LIVE = {"replay": 7 * 86_400.0}
"""Of what is cached, by kind. Entries are found by what they were made from, so none is ever wrong, only unused."""


class House:
    """One process of Homewright. Open it with `async with open_house(settings)`."""

    def __init__(self, settings: Settings, database: Database, plugins: Plugins) -> None:
        self.settings = settings
        self.database = database
        self.access = Access(database)
        self.meter = Meter()
        self.plugins = plugins
        self.hosted: dict[str, Hosted] = {}
        self.switches: dict[type, Switch] = {}
        self.kept_switches = KeptSwitches(database)
        self.heavy_threads = settings.jobs.threads
        self.cache = Cache(settings.data_dir / "cache.db", settings.cache, SECONDS_TO_LIVE)
        self.dispatchers: dict[str, Dispatcher] = {}
        self.jobs = Jobs(database, queue_limit=settings.jobs.queue)
        """The plugins' jobs; a module's are its own."""
        self._fleet = Fleet(settings.peers, self.kept_switches)

    def port(self, protocol: type[P], caller: str = "homewright") -> P:
        """The facade for one caller; it follows its switch. Raises NotFound for a Protocol that is no facade."""
        return self.ports(caller).of(protocol)

    of = port
    """So that a house can be given where ports are asked for."""

    def ports(self, caller: str) -> Ports:
        return Ports(self._resolve, caller)

    def switch(self, path: str) -> Switch:
        """The switch of `patterns/Replay`. Raises NotFound."""
        for switch in self.switches.values():
            if switch.facade.path == path:
                return switch
        raise NotFound(kind="facade", name=path)

    def served(self) -> list[tuple[Facade, object]]:
        """The facades that this process runs, with their services: what it offers to other processes."""
        surfaces = registry.surfaces()
        hosted = self.hosted.items()
        return [(facade, one.service(facade)) for name, one in hosted for facade in surfaces[name].facades]

    async def settle(self) -> None:
        """Run the jobs and deliver the events that wait, and those that they cause."""
        for _ in range(2):
            for jobs in (self.jobs, *(hosted.jobs for hosted in self.hosted.values())):
                await jobs.drain()
            await self.deliver()

    async def deliver(self) -> None:
        """Deliver the events that wait, and those that their handlers tell. Not while `working`: it does the same."""
        while sum([await dispatcher.drain() for dispatcher in self.dispatchers.values()]):
            pass

    async def follow_switches(self, seconds: float = 2.0) -> None:
        """Take up flips that other processes made, until cancelled."""
        seen = await self.kept_switches.newest()
        while True:
            await asyncio.sleep(seconds)
            newest = await self.kept_switches.newest()
            if newest != seen:
                seen = newest
                for switch in self.switches.values():
                    await switch.load()

    async def peers_answer(self) -> str | None:
        """For health: None, or which process to which calls go does not answer."""
        for switch in self.switches.values():
            for record in switch.records():
                if record.peer_url and (problem := await self._fleet.problem(record.peer_url, switch.facade)):
                    return problem
        return None

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Works]:
        """Keep jobs, deliveries, tokens and switches going while the block runs; then let them end their step."""
        async with Works(self._runs()) as works:
            yield works

    def _runs(self) -> dict[str, Run]:
        runs: dict[str, Run] = {"access": self.access.run, "switches": self.follow_switches}
        if self.plugins.loaded:
            runs["jobs:plugins"] = self.jobs.run
        runs |= {f"jobs:{name}": hosted.jobs.run for name, hosted in self.hosted.items()}
        return runs | {f"events:{name}": dispatcher.run for name, dispatcher in self.dispatchers.items()}

    def _resolve(self, protocol: type, caller: str) -> object:
        switch = self.switches.get(protocol)
        if switch is None:
            raise NotFound(kind="facade", name=protocol.__name__)
        port: object = switch.port(caller)
        return port

    async def _move_in(self, stack: AsyncExitStack, only: Sequence[str]) -> None:
        """Host the modules, lowest first, each behind its switches."""
        heavy = ThreadPoolExecutor(self.heavy_threads, thread_name_prefix="heavy")
        stack.push_async_callback(asyncio.to_thread, heavy.shutdown, True, cancel_futures=True)
        stack.push_async_callback(self._fleet.close)
        stack.push_async_callback(self.cache.close)
        for name, surface in registry.surfaces().items():
            if name in only:
                self.hosted[name] = await host(name, self.settings, self.ports, heavy, self.cache, stack)
            for facade in surface.facades:
                await self._add_switch(facade, self.hosted.get(name))

    async def _add_switch(self, facade: Facade, hosted: Hosted | None) -> None:
        self.switches[facade.protocol] = switch = Switch(
            facade,
            hosted.service(facade) if hosted else None,
            store=self._fleet.store,
            peer=self._fleet.peer,
            clock=utc_now,
            meter=self.meter,
        )
        await switch.load()

    def _listen(self) -> None:
        """Join those who tell to those who want to hear. A process of its own leaves deliveries to the main one."""
        subscriptions = [heard for hosted in self.hosted.values() for heard in hosted.assembled.subscriptions]
        subscriptions += self.plugins.subscriptions(self.ports)
        self.dispatchers["kernel"] = Dispatcher(self.database, subscriptions)
        for kind, handler in self.plugins.jobs(self.ports, self.jobs):
            self.jobs.handle(kind, handler)
        for name, hosted in self.hosted.items():
            self.dispatchers[name] = hosted.dispatcher(subscriptions)


@asynccontextmanager
async def open_house(settings: Settings, only: Sequence[str] = ()) -> AsyncIterator[House]:
    """Open the modules named in `only` (none named: all), with their databases at the newest schema.

    Raises Invalid for a module that does not exist, Unavailable and the like when a database cannot be used.
    """
    for name in only:
        if name not in registry.NAMES:
            raise Invalid(where="module", expected=f"one of {', '.join(registry.NAMES)}, not {name!r}")
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        url = settings.database_url("kernel")
        await asyncio.to_thread(upgrade, "kernel", url, kernel_tables.metadata)
        database = await Database.open("kernel", url)
        stack.push_async_callback(database.close)
        house = House(settings, database, Plugins.found(settings))
        await house._move_in(stack, only or registry.NAMES)
        if not only:
            house._listen()
        yield house


def modules_of(house: House) -> list[dict[str, Any]]:
    """Each module, whether it runs here, and where each of its facades' calls go. For people and for REST."""
    return [
        {
            "module": name,
            "here": name in house.hosted,
            "facades": [_facade_row(house, facade) for facade in surface.facades],
        }
        for name, surface in registry.surfaces().items()
    ]


def _facade_row(house: House, facade: Facade) -> dict[str, Any]:
    records = house.switches[facade.protocol].records()
    whole = next((record for record in records if record.operation is None), None)
    return {
        "facade": facade.path,
        "state": whole.state if whole else "local",
        "peer_url": whole.peer_url if whole else None,
        "operations": len(facade.operations),
        "exceptions": [{"operation": one.operation, "state": one.state} for one in records if one.operation],
    }
