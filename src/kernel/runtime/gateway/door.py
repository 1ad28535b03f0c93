"""The one layer before Litestar, pure ASGI: trace, token, limits, tallies, headers. It runs for every request.

Written flat on purpose: each line here is paid by every request (tests/bench/bench_rest.py holds the price).
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Protocol

from litestar.enums import ScopeType

from kernel.errors import Busy, Fault, Unauthorized
from kernel.facade.context import Context, Principal, enter, leave
from kernel.facade.wire import fault_to_wire
from kernel.runtime.gateway.faults import headers_of
from kernel.runtime.limits.limits import Limits
from kernel.runtime.observe.requests import RequestTallies
from kernel.runtime.observe.trace import parse_traceparent

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

TRACE_HEADER = "homewright-trace-id"
_TRACE = TRACE_HEADER.encode()
_SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Given to every answer that does not say otherwise; pages set their own policy."""
_UNKNOWN = "unknown"


class Verifier(Protocol):
    """Who a token belongs to. `kernel.runtime.access.Access` is one."""

    def verify(self, secret: bytes) -> Principal | None: ...

    async def verify_anew(self, secret: bytes) -> Principal | None:
        """Asked for what `verify` does not know: another process may have made it a moment ago."""


class Door:
    def __init__(self, app: ASGIApp, access: Verifier, limits: Limits, tallies: RequestTallies) -> None:
        self._app = app
        self._access = access
        self._limits = limits
        self._tallies = tallies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        authorization, traceparent = _headers(scope)
        parent = parse_traceparent(traceparent) if traceparent else None
        ids = os.urandom(24).hex()
        trace_id = parent.trace_id if parent else ids[16:]
        principal = None
        if authorization is not None and (secret := _secret(authorization)) is not None:
            principal = self._access.verify(secret) or await self._access.verify_anew(secret)
        entered = enter(Context(trace_id=trace_id, span_id=ids[:16], principal=principal))
        scope["user"] = principal
        status = 500

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, trace_id)
            await send(message)

        try:
            self._admit(scope, principal, authorization)
            await self._app(scope, receive, reply)
        except (Busy, Unauthorized) as refused:
            await _refuse(scope, refused, reply)
        finally:
            leave(entered)
            route: Any = scope.get("path_template") or _UNKNOWN
            self._tallies.add(str(scope.get("method", "WS")), route, status, time.perf_counter() - began)

    def _admit(self, scope: Scope, principal: Principal | None, authorization: bytes | None) -> None:
        """Raises Busy, and Unauthorized for a wrong token even where none is needed: its owner should know."""
        client = scope.get("client")
        address = client[0] if client else _UNKNOWN
        if principal is None and authorization is not None:
            self._limits.failed(address)
            raise Unauthorized(reason="this token opens nothing: it is unknown, revoked or expired")
        self._limits.admit(principal, address, scope["path"])


def _secret(authorization: bytes) -> bytes | None:
    return authorization[7:].strip() if authorization[:7].lower() == b"bearer " else None


def _headers(scope: Scope) -> tuple[bytes | None, bytes | None]:
    authorization = traceparent = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"traceparent":
            traceparent = value
    return authorization, traceparent


def _add_headers(message: Any, trace_id: str) -> None:
    headers = list(message.get("headers", ()))
    present = {name.lower() for name, _ in headers}
    headers.extend(pair for pair in _SAFE if pair[0] not in present)
    headers.append((_TRACE, trace_id.encode()))
    message["headers"] = headers


async def _refuse(scope: Scope, fault: Fault, send: Send) -> None:
    """An answer without Litestar; a WebSocket is closed before it is accepted, which its client sees as 403."""
    if scope["type"] == ScopeType.WEBSOCKET:
        await send({"type": "websocket.close", "code": 4401, "reason": str(fault)[:100]})
        return
    body = fault_to_wire(fault)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in headers_of(fault).items()]
    await send({"type": "http.response.start", "status": fault.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
