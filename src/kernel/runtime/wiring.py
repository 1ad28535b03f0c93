"""How a module is put together: what the house hands in (Kit), what the module gives back (Assembled).

Each module's `internal/wiring.py` has one dependency-injector container and `assemble(kit)`. Ports are handed out by
`Ports.of(Protocol)`: a port follows its facade's switch, so nobody ever holds on to yesterday's choice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from kernel.data.database import Database
from kernel.data.dispatch import Subscription
from kernel.data.jobs import JobHandler, Jobs
from kernel.runtime.cache import Cache
from kernel.runtime.settings import Settings

P = TypeVar("P")


class Ports:
    """The facades of the house, as one caller sees them."""

    def __init__(self, resolve: Callable[[type, str], object], caller: str) -> None:
        self._resolve = resolve
        self._caller = caller

    def of(self, protocol: type[P]) -> P:
        """A port that has the Protocol's methods. A facade that no process runs answers each call NotConfigured."""
        return cast(P, self._resolve(protocol, self._caller))

    def for_caller(self, caller: str) -> Ports:
        """The same facades under another caller's name."""
        return Ports(self._resolve, caller)


@dataclass(frozen=True)
class Kit:
    """What the house hands to a module. `folder` exists; `clock` gives aware UTC; `heavy` does numbers and files."""

    name: str
    settings: Settings
    folder: Path
    database: Database
    jobs: Jobs
    ports: Ports
    clock: Callable[[], datetime]
    heavy: Executor
    cache: Cache


Check = Callable[[], Awaitable[str | None]]
"""A health check: None when all is well, else what is wrong and what to do, as a sentence."""


@dataclass(frozen=True)
class Assembled:
    """What a module gives to the house. `services`: by Protocol; `jobs`: handler by kind; `nightly`: by name."""

    services: Mapping[type, object]
    subscriptions: tuple[Subscription, ...] = ()
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    nightly: Mapping[str, Callable[[], Awaitable[Any]]] = field(default_factory=dict)
    start: Callable[[], Awaitable[None]] | None = None
    stop: Callable[[], Awaitable[None]] | None = None
