"""The port that takes a local call through bytes: encode, decode, call, encode, decode. What works here
works remotely."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec import UNSET, Struct

from kernel.errors import Fault
from kernel.facade import dispatch
from kernel.facade.codec import encode
from kernel.facade.context import Context, current, enter, leave
from kernel.facade.local import close, local_port
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port, binder
from kernel.facade.wire import fault_to_wire


def strict_port(facade: Facade, service: Any, caller: str | None) -> Any:
    """An object with the Protocol's methods, behaving as a remote port does but for the network."""
    inner = local_port(facade, service, caller)
    return Port(
        facade,
        {
            operation.name: (_stream if operation.streams else _call)(operation, getattr(inner, operation.name))
            for operation in facade.operations
        },
    )


def _call(operation: Operation, method: Callable[..., Any]) -> Callable[..., Any]:
    bind = binder(operation)

    async def call(*args: Any, **kwargs: Any) -> Any:
        body = encode(bind(args, kwargs))
        try:
            reply = await dispatch.answer(operation, method, body)
        except Fault as fault:
            raise _crossed(operation, fault) from fault
        return dispatch.read_result(operation, reply)

    return call


def _stream(operation: Operation, method: Callable[..., Any]) -> Callable[..., Any]:
    bind = binder(operation)

    def call(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        return _items(operation, method, bind(args, kwargs), current())

    return call


async def _items(
    operation: Operation, method: Callable[..., Any], request: Struct, context: Context
) -> AsyncIterator[Any]:
    count, body = 0, encode(request)
    token = enter(context)
    try:
        lines = dispatch.frames(operation, dispatch.opened(operation, method, body))
    finally:
        leave(token)
    try:
        async for line in lines:
            item = dispatch.read_frame(operation, line, count)
            if item is UNSET:
                return
            count += 1
            yield item
    except Fault as fault:
        raise _crossed(operation, fault) from fault
    finally:
        await close(lines)


def _crossed(operation: Operation, fault: Fault) -> Fault:
    """The fault as it looks after it has crossed the wire."""
    return dispatch.read_error(operation, fault_to_wire(fault)) or fault
