"""The port to a service in another process, and the RemoteHouse that owns the connections to that process.

A failed attempt is repeated only where that is harmless:

    Unreachable   nothing ran          always
    Lost          perhaps it ran       reads, and idempotent writes: each has an idempotency key, made here if need be

never after the deadline, and never a fault that the other side's service answered. A call without a deadline gets
`default_seconds`: over a network, waiting for ever is never meant.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from time import monotonic, perf_counter
from typing import Any, TypeVar

import stamina
from msgspec import UNSET, Struct
from yarl import URL

from kernel.errors import Cut, Fault, Late, Lost, NotConfigured, Unauthorized, Unreachable
from kernel.facade import dispatch
from kernel.facade.codec import decode, encode
from kernel.facade.context import Context, current
from kernel.facade.headers import to_headers
from kernel.facade.local import came_through, in_time
from kernel.facade.meter import Meter, Tally
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port, binder
from kernel.facade.transport import Peer

T = TypeVar("T")

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 1.0


class Described(Struct, frozen=True):
    """What a peer says of a facade that it serves."""

    facade: str
    contract: str


class RemoteHouse:
    """Another Homewright process. One pool of at most `connections`; a call waits for a free one.

    Seven attempts wait for 1.6 s in all: long enough for most restarts, short enough for a person who waits.
    `how_to_enter` is said when the peer wants another token: it is this side that must be given one.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        connections: int = 64,
        default_seconds: float = 60.0,
        attempts: int = 7,
        most_bytes: int = 64 * 1024 * 1024,
        how_to_enter: str = "give this client a token that opens it",
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._how_to_enter = how_to_enter
        self._default_seconds = default_seconds
        self._attempts = attempts
        self._peer = Peer(base_url, token, connections=connections, most_bytes=most_bytes)

    def port(self, facade: Facade, caller: str, meter: Meter | None = None) -> Any:
        """An object with the Protocol's methods; each call goes to the other process."""
        tallies = meter or Meter()
        methods: dict[str, Callable[..., Any]] = {}
        for operation in facade.operations:
            call = _RemoteCall(self._peer, operation, caller, self._default_seconds, self._attempts, self._how_to_enter)
            make = _stream if operation.streams else _call
            methods[operation.name] = make(call, tallies.tally(operation.path, "remote"))
        return Port(facade, methods)

    async def describe(self, facade: Facade, seconds: float = 5.0) -> Described:
        """What the peer says of this facade. Raises Unreachable, Lost, Unauthorized, NotConfigured, Late."""
        url = URL(f"{self.base_url}/rpc/{facade.path}", encoded=True)
        try:
            async with asyncio.timeout(seconds):
                status, body = await self._peer.ask(facade.path, "GET", url, {}, None)
        except TimeoutError:
            raise Late(operation=facade.path, began=False) from None
        if status != 200:
            raise _no_answer(facade.path, self.base_url, status, body, self._how_to_enter)
        described: Described = decode(body, Described)
        return described

    async def close(self) -> None:
        """End the connections; calls under way are lost."""
        await self._peer.close()


class _RemoteCall:
    """One operation at one peer: makes attempts, decides which failures are worth another."""

    def __init__(
        self, peer: Peer, operation: Operation, caller: str, default_seconds: float, most: int, how_to_enter: str
    ) -> None:
        self.operation = operation
        self._how_to_enter = how_to_enter
        self.bind = binder(operation)
        self._peer = peer
        self._caller = caller
        self._most_attempts = most
        self._default_seconds = default_seconds
        self._url = URL(f"{peer.url}/rpc/{operation.path}", encoded=True)

    async def unary(self, request: Struct) -> Any:
        context = current()
        deadline = self._by_default() if context.deadline is None else context.deadline
        return await in_time(self.operation, deadline, self._ask(request, context, deadline))

    async def _ask(self, request: Struct, context: Context, deadline: float) -> Any:
        path, body, key = self.operation.path, encode(request), self._key(context)

        async def once() -> tuple[int, bytes]:
            headers = to_headers(context, self._caller, deadline - monotonic(), key)
            return await self._peer.ask(path, "POST", self._url, headers, body)

        status, reply = await self._repeated(once, deadline, key)
        if status == 200:
            return dispatch.read_result(self.operation, reply)
        raise self._fault(status, reply)

    async def items(self, request: Struct, context: Context) -> AsyncIterator[Any]:
        """The items of a stream. Without a deadline, `default_seconds` may pass between two of them."""
        deadline, count = context.deadline, 0
        response = await self._next(deadline, self._open(encode(request), context))
        try:
            if response.status != 200:
                raise self._fault(response.status, await self._peer.whole(self.operation.path, response))
            async with aclosing(self._peer.lines(self.operation.path, response)) as lines:
                while (line := await self._next(deadline, anext(lines, None))) is not None:
                    if (item := dispatch.read_frame(self.operation, line, count)) is UNSET:
                        return
                    count += 1
                    yield item
        except Lost as lost:
            raise Cut(operation=self.operation.path, items=count) from lost
        finally:
            response.close()
        raise Cut(operation=self.operation.path, items=count)

    async def _open(self, body: bytes, context: Context) -> Any:
        """Only the opening is repeated: no item is ever given twice."""
        deadline = context.deadline

        async def once() -> Any:
            headers = to_headers(context, self._caller, None if deadline is None else deadline - monotonic(), None)
            return await self._peer.send(self.operation.path, "POST", self._url, headers, body)

        return await self._repeated(once, self._by_default() if deadline is None else deadline, None)

    async def _next(self, deadline: float | None, answer: Any) -> Any:
        return await in_time(self.operation, self._by_default() if deadline is None else deadline, answer)

    async def _repeated(self, once: Callable[[], Awaitable[T]], deadline: float, key: str | None) -> T:
        """The first attempt is made plainly, since it nearly always is the last; stamina sees to the others."""
        repeatable = self.operation.effect.kind == "read" or key is not None

        def worth_repeating(error: Exception) -> bool:
            return isinstance(error, Unreachable) or (repeatable and isinstance(error, Lost))

        try:
            return await once()
        except (Unreachable, Lost) as fault:
            if self._most_attempts < 2 or not worth_repeating(fault):
                raise
        attempts = stamina.retry_context(
            on=worth_repeating,
            attempts=self._most_attempts - 1,
            timeout=max(0.001, deadline - monotonic()),
            wait_initial=_FIRST_WAIT_SECONDS,
            wait_max=_LONGEST_WAIT_SECONDS,
            wait_jitter=_FIRST_WAIT_SECONDS,
        )
        async for attempt in attempts:
            with attempt:
                answer = await once()
        return answer

    def _key(self, context: Context) -> str | None:
        effect = self.operation.effect
        if effect.kind == "read":
            return None
        return context.key or (secrets.token_hex(16) if effect.idempotent else None)

    def _by_default(self) -> float:
        return monotonic() + self._default_seconds

    def _fault(self, status: int, body: bytes) -> Fault:
        told = dispatch.read_error(self.operation, body)
        if told is not None and not isinstance(told, Unauthorized):
            return told
        return _no_answer(self.operation.path, self._peer.url, status, body, self._how_to_enter)


def _call(remote: _RemoteCall, tally: Tally) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        request = remote.bind(args, kwargs)
        began = perf_counter()
        try:
            return await remote.unary(request)
        except Fault as fault:
            tally.failed(fault)
            came_through(fault, remote.operation)
            raise
        finally:
            tally.note(perf_counter() - began)

    return call


def _stream(remote: _RemoteCall, tally: Tally) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        return _noted(remote, remote.items(remote.bind(args, kwargs), current()), tally)

    return call


async def _noted(remote: _RemoteCall, items: Any, tally: Tally) -> AsyncIterator[Any]:
    began: float | None = perf_counter()
    try:
        async with aclosing(items):
            async for item in items:
                if began is not None:
                    tally.note(perf_counter() - began)
                    began = None
                yield item
    except Fault as fault:
        tally.failed(fault)
        came_through(fault, remote.operation)
        raise
    finally:
        if began is not None:
            tally.note(perf_counter() - began)


def _no_answer(what: str, peer: str, status: int, body: bytes, how_to_enter: str) -> Fault:
    """The door's refusal, in words for who has the token; or what none of our servers answers, such as a proxy's."""
    if status == 401:
        return Unauthorized(reason=f"{peer} wants a token that it knows: {how_to_enter}")
    if status == 404:
        return NotConfigured(what=f"{what} at {peer}", how="the process there does not serve it: start it with --only")
    text = body[:80].decode("utf-8", "replace")
    return Lost(operation=what, reason=f"{peer} answered with status {status} and {text!r}")
