"""What a command is given: the facades of the house, a way to await them, and the terminal.

The house is opened when a port is first asked for, lives in a task of its own on the session's event loop, and is
closed when the session ends. A command's calls carry the person at the terminal as their principal.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from kernel.facade.context import Principal, calling
from kernel.runtime.terminal.terminal import Terminal

P = TypeVar("P")
T = TypeVar("T")


class PortGiver(Protocol):
    """`kernel.runtime.wiring.Ports` is one."""

    def of(self, protocol: type[P]) -> P: ...


House = Callable[[], AbstractAsyncContextManager[PortGiver]]


class Session:
    """One run of the command line. A context manager; commands only meet its inside."""

    def __init__(self, terminal: Terminal, house: House) -> None:
        self.terminal = terminal
        self._house = house
        self._runner: asyncio.Runner | None = None
        self._ports: PortGiver | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._leave: asyncio.Event | None = None

    def port(self, protocol: type[P]) -> P:
        """The facade. Ask for it in the command itself, not in what `run` runs."""
        if self._ports is None:
            self._ports = self._loop().run(self._enter())
        return self._ports.of(protocol)

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Await `work()` and give its answer; what it raises is raised."""
        return self._loop().run(self._as_person(work))

    def close(self) -> None:
        """Close the house and the loop. Safe to call twice."""
        if self._runner is None:
            return
        try:
            if self._keeper is not None:
                self._runner.run(self._exit())
        finally:
            self._runner.close()
            self._runner = self._ports = self._keeper = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _loop(self) -> asyncio.Runner:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner

    async def _enter(self) -> PortGiver:
        """Open the house in a task that stays: what it opens must be closed by the same task."""
        opened: asyncio.Future[PortGiver] = asyncio.get_running_loop().create_future()
        self._leave = asyncio.Event()
        self._keeper = asyncio.create_task(self._keep(opened, self._leave))
        return await opened

    async def _keep(self, opened: asyncio.Future[PortGiver], leave: asyncio.Event) -> None:
        try:
            async with self._house() as ports:
                opened.set_result(ports)
                await leave.wait()
        except BaseException as failure:
            if opened.done():
                raise
            opened.set_exception(failure)

    async def _exit(self) -> None:
        if self._leave is not None and self._keeper is not None:
            self._leave.set()
            await self._keeper

    async def _as_person(self, work: Callable[[], Awaitable[T]]) -> T:
        with calling(caller="terminal", principal=Principal(name=_person(), role="admin")):
            return await work()


def _person() -> str:
    """The login name; whoever can read the data folder is its admin anyway."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "terminal"
