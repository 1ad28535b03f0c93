"""Where a facade's calls go: into this process or to another one, changed while calls are under way.

    local  --flip: the peer answers, its contract's hash is equal-->  remote
      ^------------------------------- flip --------------------------'

A port's methods are plain attributes that a flip points at the other route, so a call pays nothing for the switch. A
call ends where it began: it holds the method that it started with, and both routes stay open. The states shadow, canary
and retired are still to come: each is a row in TRANSITIONS and a route in `_route`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from kernel.errors import Conflict, Invalid, NotConfigured, NotFound
from kernel.facade.contract import contract_hash
from kernel.facade.local import local_port
from kernel.facade.meter import Meter
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port
from kernel.facade.values import Instant, Value

State = Literal["local", "remote"]

TRANSITIONS: Mapping[State, frozenset[State]] = {
    "local": frozenset({"local", "remote"}),
    "remote": frozenset({"local", "remote"}),
}
"""From a state to those that may follow it. To itself: another peer, another reason."""


class SwitchRecord(Value, frozen=True, kw_only=True):
    """One change of one facade, or of one of its operations. The newest record of each counts."""

    facade: str
    """`patterns/Replay`."""
    operation: str | None = None
    """None: the whole facade, its operations' own records included."""
    state: State
    peer_url: str | None = None
    changed_at: Instant
    changed_by: str
    reason: str


class SwitchStore(Protocol):
    """Where records are kept. Only ever appended to."""

    async def load(self, facade: str) -> Sequence[SwitchRecord]:
        """All records of a facade, oldest first."""

    async def append(self, record: SwitchRecord) -> None:
        """Durable when this returns."""


class Peer(Protocol):
    """What the switch needs of kernel.facade.client.RemoteHouse."""

    def port(self, facade: Facade, caller: str, meter: Meter | None = None) -> Any: ...

    async def describe(self, facade: Facade) -> Any: ...


class Switch:
    """One facade's switch. `service` None: this process does not run the facade. `peer(url)` gives the RemoteHouse."""

    def __init__(
        self,
        facade: Facade,
        service: object | None,
        *,
        store: SwitchStore,
        peer: Callable[[str], Peer],
        clock: Callable[[], datetime],
        meter: Meter | None = None,
    ) -> None:
        self.facade = facade
        self._service = service
        self._store = store
        self._peer = peer
        self._clock = clock
        self._meter = meter or Meter()
        self._flipping = asyncio.Lock()
        self._whole: SwitchRecord | None = None
        self._single: dict[str, SwitchRecord] = {}
        self._ports: dict[str, Port] = {}
        self._routes: dict[tuple[str | None, str], Any] = {}

    async def load(self) -> None:
        """Take up what the store's records say. Without evidence anew: a peer may start later than this process."""
        for record in await self._store.load(self.facade.path):
            self._take(record)
        self._point()

    def port(self, caller: str) -> Any:
        """The facade for one caller; the same object each time. It follows the switch."""
        if caller not in self._ports:
            self._ports[caller] = Port(self.facade, {})
            self._point_one(caller)
        return self._ports[caller]

    async def flip(
        self, state: State, *, peer_url: str | None = None, operation: str | None = None, by: str, reason: str
    ) -> SwitchRecord:
        """Change the route of the facade, or of one operation; from when this returns, new calls go there.

        Raises NotFound for an operation that does not exist, Invalid for what is no http address, Conflict for a
        change that is not allowed or lacks its evidence, and what asking the peer raises (Unreachable, Lost, Late,
        Unauthorized, NotConfigured).
        """
        async with self._flipping:  # One after the other: what is kept last is what counts.
            return await self._flip(state, peer_url, operation, by, reason)

    async def _flip(
        self, state: State, peer_url: str | None, operation: str | None, by: str, reason: str
    ) -> SwitchRecord:
        if operation is not None and operation not in self._operations():
            raise NotFound(kind=f"operation of {self.facade.path}", name=operation)
        before = self._state(operation)
        if state not in TRANSITIONS or state not in TRANSITIONS[before]:
            allowed = ", ".join(sorted(TRANSITIONS[before]))
            raise Conflict(what=f"{self.facade.path} cannot go from {before} to {state}: it may go to {allowed}")
        await self._evidence(state, peer_url)
        record = SwitchRecord(
            facade=self.facade.path,
            operation=operation,
            state=state,
            peer_url=peer_url.rstrip("/") if peer_url and state == "remote" else None,
            changed_at=self._clock(),
            changed_by=by,
            reason=reason,
        )
        await self._store.append(record)
        self._take(record)
        self._point()
        return record

    def records(self) -> tuple[SwitchRecord, ...]:
        """The records that count now: the facade's, then those of single operations. Empty: local from the start."""
        return (*((self._whole,) if self._whole else ()), *self._single.values())

    async def history(self) -> Sequence[SwitchRecord]:
        return await self._store.load(self.facade.path)

    async def _evidence(self, state: State, peer_url: str | None) -> None:
        if state == "local":
            if self._service is None:
                raise Conflict(what=f"{self.facade.path} has no service in this process: it cannot be local here")
            return
        if not peer_url:
            raise Conflict(what=f"{self.facade.path} cannot be remote without the URL of the process that runs it")
        if not _is_http(peer_url):
            raise Invalid(
                where="peer_url", expected=f"an http address such as http://127.0.0.1:8020, not {peer_url[:80]!r}"
            )
        theirs = (await self._peer(peer_url).describe(self.facade)).contract
        ours = contract_hash(self.facade)
        if theirs != ours:
            raise Conflict(
                what=f"{self.facade.path} at {peer_url} has another contract ({theirs[:12]}, here {ours[:12]}): "
                "run the same version in both processes"
            )

    def _take(self, record: SwitchRecord) -> None:
        if record.operation is not None:
            self._single[record.operation] = record
        else:
            self._whole = record
            self._single.clear()

    def _operations(self) -> dict[str, Operation]:
        return {operation.name: operation for operation in self.facade.operations}

    def _record(self, operation: str | None) -> SwitchRecord | None:
        return self._single.get(operation, self._whole) if operation else self._whole

    def _state(self, operation: str | None) -> State:
        record = self._record(operation)
        return record.state if record else "local"

    def _point(self) -> None:
        for caller in self._ports:
            self._point_one(caller)

    def _point_one(self, caller: str) -> None:
        """Point a port's methods at their routes. No await between: no call sees half of it."""
        for operation in self._operations():
            route = self._route(self._record(operation), caller)
            setattr(self._ports[caller], operation, getattr(route, operation))

    def _route(self, record: SwitchRecord | None, caller: str) -> Any:
        """The port that a record stands for; made once per peer and caller."""
        url = record.peer_url if record and record.state == "remote" else None
        if (url, caller) not in self._routes:
            self._routes[url, caller] = self._new_route(url, caller)
        return self._routes[url, caller]

    def _new_route(self, url: str | None, caller: str) -> Any:
        if url is not None:
            return self._peer(url).port(self.facade, caller, self._meter)
        if self._service is None:
            return _absent(self.facade)
        return local_port(self.facade, self._service, caller, self._meter)


def _is_http(text: str) -> bool:
    """Whether an address can be asked at all. A port that is none raises when it is looked at."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in text
    except ValueError:
        return False


def _absent(facade: Facade) -> Port:
    """The port of a facade that no process runs: every call is refused, and says how to mend it."""
    how = f"run it here, or point its switch to a process: `homewright switch {facade.path} remote --peer URL`"

    async def call(*args: Any, **kwargs: Any) -> Any:
        raise NotConfigured(what=facade.path, how=how)

    async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        raise NotConfigured(what=facade.path, how=how)
        yield  # Makes it a stream.

    return Port(facade, {operation.name: stream if operation.streams else call for operation in facade.operations})
