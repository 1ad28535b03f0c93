"""The port to a service in this process: one attribute read, a look at the deadline, the service's own coroutine.

On the way in, the context's `key` becomes `received` and the caller is set. On the way out, what the facade declares
passes, kernel faults pass, and all else becomes Undeclared and is logged, just as it would over the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from time import perf_counter
from typing import Any

import msgspec

from kernel.errors import Declared, Fault, Late
from kernel.facade.context import Context, current, enter, leave
from kernel.facade.meter import Meter, Tally
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port
from kernel.facade.wire import undeclared

_NOBODY = Context()


def local_port(facade: Facade, service: Any, caller: str | None, meter: Meter | None = None) -> Any:
    """An object with the Protocol's methods. `caller` None keeps the context's caller: for servers."""
    tallies = meter or Meter()
    methods: dict[str, Callable[..., Any]] = {}
    for operation in facade.operations:
        make = _stream if operation.streams else _call
        tally = tallies.tally(operation.path, "local")
        methods[operation.name] = make(operation, getattr(service, operation.name), caller, tally)
    return Port(facade, methods)


def _call(
    operation: Operation, method: Callable[..., Coroutine[Any, Any, Any]], caller: str | None, tally: Tally
) -> Callable[..., Any]:
    # The same context comes in call after call: its inner form is kept beside it, in one tuple for threads' sake.
    last = (_NOBODY, _inner(_NOBODY, caller))

    async def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal last
        outer, inner = last
        if (now := current()) is not outer:
            last = (now, inner := _inner(now, caller))
        answer = method(*args, **kwargs)
        if inner.deadline is not None:
            answer = in_time(operation, inner.deadline, answer)
        token = enter(inner)
        began = perf_counter()
        try:
            return await answer
        except Exception as error:
            fault = outcome(operation, error)
            tally.failed(fault)
            if fault is error:
                raise
            raise fault from error
        finally:
            tally.note(perf_counter() - began)
            leave(token)

    return call


def _stream(
    operation: Operation, method: Callable[..., AsyncIterator[Any]], caller: str | None, tally: Tally
) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        return _relay(operation, method(*args, **kwargs), _inner(current(), caller), tally)

    return call


async def _relay(operation: Operation, items: AsyncIterator[Any], inner: Context, tally: Tally) -> AsyncIterator[Any]:
    """The items, each fetched inside the call's context; a variable must not stay set across a yield."""
    began: float | None = perf_counter()
    try:
        while True:
            token = enter(inner)
            try:
                item = await _next(operation, items, inner.deadline)
            except StopAsyncIteration:
                return
            except Exception as error:
                fault = outcome(operation, error)
                tally.failed(fault)
                if fault is error:
                    raise
                raise fault from error
            finally:
                leave(token)
                if began is not None:
                    tally.note(perf_counter() - began)
                    began = None
            yield item
    finally:
        await close(items)


async def _next(operation: Operation, items: AsyncIterator[Any], deadline: float | None) -> Any:
    if deadline is None:
        return await anext(items)
    return await in_time(operation, deadline, items.__anext__())


async def close(items: Any) -> None:
    """End a stream early, if it can be told."""
    end = getattr(items, "aclose", None)
    if end is not None:
        await end()


def _inner(outer: Context, caller: str | None) -> Context:
    name = outer.caller if caller is None else caller
    return msgspec.structs.replace(outer, caller=name, key=None, received=outer.key)


async def in_time(operation: Operation, deadline: float, answer: Any) -> Any:
    """Await `answer` until the deadline on the loop's clock; Late says whether it had begun."""
    if deadline <= asyncio.get_running_loop().time():
        if asyncio.iscoroutine(answer):
            answer.close()
        raise Late(operation=operation.path, began=False)
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit:
            return await answer
    except TimeoutError:
        if limit.expired():
            raise Late(operation=operation.path, began=True) from None
        raise


def outcome(operation: Operation, error: Exception) -> Fault:
    """What a caller sees of an exception that left a service.

    A fault that already came through another port says `ran: unknown` here: the inner call may not have run, but this
    one did begin.
    """
    if isinstance(error, Fault) and (type(error) in operation.raises or not isinstance(error, Declared)):
        return came_through(error, operation)
    return undeclared(operation.path, error, str(error))


def came_through(fault: Fault, operation: Operation) -> Fault:
    """Remember that the fault passed this port; what passes a second one did not stop the outer call from running."""
    if "through" in fault.__dict__ and not isinstance(fault, Declared):
        fault.saying("unknown")
    fault.__dict__["through"] = operation.path
    return fault
