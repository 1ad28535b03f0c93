"""From bytes to a service and back: the one way in that the strict port and the HTTP server share.

`method` is a local port's, so deadline, context and errors are handled there, once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from kernel.errors import Cut, Fault, Invalid, Lost
from kernel.facade.codec import decode, encode
from kernel.facade.local import close
from kernel.facade.operation import Operation
from kernel.facade.port import arguments
from kernel.facade.wire import ErrorBody, WireError, fault_from_wire, fault_to_wire, undeclared

END = b'{"end":true}\n'


async def answer(operation: Operation, method: Callable[..., Any], body: bytes) -> bytes:
    """One call: the parameters as JSON in, the result as JSON out."""
    request = decode(body, operation.request)
    return result_bytes(operation, await method(**arguments(request)))


def opened(operation: Operation, method: Callable[..., Any], body: bytes) -> AsyncIterator[Any]:
    """A stream's items. The context of this call is the stream's, whoever reads it."""
    items: AsyncIterator[Any] = method(**arguments(decode(body, operation.request)))
    return items


async def frames(operation: Operation, items: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """NDJSON frames with an end; a fault is raised. Closing this closes the service's iterator."""
    try:
        async for item in items:
            yield b'{"item":' + result_bytes(operation, item) + b"}\n"
        yield END
    finally:
        await close(items)


def result_bytes(operation: Operation, result: Any) -> bytes:
    """What a service gives must be what its facade says; if it cannot even be encoded, that is a bug of the service."""
    try:
        return encode(result)
    except Invalid as bad:
        raise undeclared(operation.path, bad, str(bad)) from bad


def error_frame(fault: Fault) -> bytes:
    return fault_to_wire(fault) + b"\n"


def read_result(operation: Operation, data: bytes) -> Any:
    """The caller's side of `answer`. Lost when the other side answered what its facade does not say."""
    try:
        return decode(data, operation.result, "result")
    except Invalid as bad:
        raise Lost(operation=operation.path, reason=f"the answer does not fit the facade: {bad}") from bad


def read_error(operation: Operation, data: bytes) -> Fault | None:
    """The fault in an error body, or None if the bytes are no error body."""
    try:
        body = decode(data, ErrorBody)
    except Invalid:
        return None
    return fault_from_wire(body.error, operation.raises, operation.path)


def read_frame(operation: Operation, line: bytes, items: int) -> Any:
    """The item in a frame, or UNSET at the end. Raises the frame's fault; Cut when the frame is none."""
    try:
        frame: Any = decode(line, _frame(operation.result), "frame")
    except Invalid as bad:
        raise Cut(operation=operation.path, items=items) from bad
    if frame.error is not UNSET:
        raise fault_from_wire(frame.error, operation.raises, operation.path)
    if frame.item is UNSET and frame.end is not True:
        raise Cut(operation=operation.path, items=items)
    return frame.item


@cache
def _frame(item: Any) -> type[msgspec.Struct]:
    fields = [
        ("item", item | UnsetType, UNSET),
        ("error", WireError | UnsetType, UNSET),
        ("end", bool, False),
    ]
    return msgspec.defstruct("Frame", fields, frozen=True)
