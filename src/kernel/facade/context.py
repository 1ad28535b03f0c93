"""What travels with a call: deadline, trace, caller, principal, idempotency key. One frozen value in one variable.

`key` is for the next call that this task makes; the port moves it to `received` when the call enters the service, so a
service's own calls never inherit it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import msgspec

Role = Literal["viewer", "operator", "admin"]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a token's name and role, or the house itself."""

    name: str
    role: Role


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """`deadline` is on this process's monotonic clock, in seconds; it crosses the wire as seconds remaining."""

    deadline: float | None = None
    trace_id: str | None = None
    span_id: str | None = None
    caller: str = "outside"
    principal: Principal | None = None
    key: str | None = None
    received: str | None = None

    @property
    def remaining_seconds(self) -> float | None:
        return None if self.deadline is None else self.deadline - time.monotonic()


_EMPTY = Context()
_current: ContextVar[Context] = ContextVar("homewright_call", default=_EMPTY)
current = _current.get


@contextmanager
def calling(*, seconds: float | None = None, **changes: Any) -> Iterator[Context]:
    """Make calls inside this block with changed context: `seconds` to the deadline, `key`, `principal`, `caller`, …

    A deadline can only be brought nearer, never put off.
    """
    before = current()
    if seconds is not None:
        ends = time.monotonic() + seconds
        changes["deadline"] = ends if before.deadline is None else min(ends, before.deadline)
    token = _current.set(msgspec.structs.replace(before, **changes))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def enter(context: Context) -> Any:
    """Make `context` the current one; give the answer to `leave`. For ports and servers."""
    return _current.set(context)


def leave(token: Any) -> None:
    _current.reset(token)


def new_trace_id() -> str:
    """32 hex digits, as W3C Trace Context wants them."""
    return secrets.token_hex(16)


def new_span_id() -> str:
    """16 hex digits."""
    return secrets.token_hex(8)
