"""A facade over HTTP: `POST /rpc/<module>/<facade>/<operation>` with the parameters as a JSON object.

The body is decoded strictly by msgspec, not by the framework. `GET /rpc/<module>/<facade>` gives the contract's hash,
which a switch compares before it sends calls here. Who may call is the guards' matter: reads ask for a viewer, writes
for an operator.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.types import Guard

from kernel.errors import Busy, Fault, Invalid, NotFound
from kernel.facade.codec import encode
from kernel.facade.context import Role, current, enter, leave
from kernel.facade.contract import contract_hash
from kernel.facade.dispatch import answer, error_frame, frames, opened
from kernel.facade.headers import from_headers
from kernel.facade.local import close, local_port
from kernel.facade.meter import Meter
from kernel.facade.operation import Facade, Operation
from kernel.facade.wire import fault_to_wire

MOST_BODY_BYTES = 64 * 1024 * 1024
NDJSON = "application/x-ndjson"


def rpc_routes(
    served: Iterable[tuple[Facade, Any]],
    *,
    guard: Callable[[Role], Guard] | None = None,
    meter: Meter | None = None,
    most_body_bytes: int = MOST_BODY_BYTES,
) -> list[Any]:
    """Litestar handlers for facades and their services. `guard(role)` gives the guard for a role; None: no guards."""
    routes: list[Any] = []
    for facade, service in served:
        port = local_port(facade, service, None, meter)
        routes.append(_describe(facade, guard))
        for operation in facade.operations:
            role: Role = "viewer" if operation.effect.kind == "read" else "operator"
            call = _streaming if operation.streams else _calling
            routes.append(
                post(
                    f"/rpc/{operation.path}",
                    name=f"rpc:{operation.path}",
                    guards=[guard(role)] if guard else None,
                    status_code=200,
                    include_in_schema=False,
                    request_max_body_size=most_body_bytes,
                    exception_handlers={Fault: fault_response, HTTPException: http_response},
                )(call(operation, getattr(port, operation.name)))
            )
    return routes


def _describe(facade: Facade, guard: Callable[[Role], Guard] | None) -> Any:
    body = encode({"facade": facade.path, "contract": contract_hash(facade)})

    @get(
        f"/rpc/{facade.path}",
        name=f"rpc:{facade.path}",
        guards=[guard("viewer")] if guard else None,
        include_in_schema=False,
        exception_handlers={Fault: fault_response},
    )
    async def describe() -> Response[bytes]:
        return Response(body, media_type=MediaType.JSON)

    return describe


def _calling(operation: Operation, method: Callable[..., Any]) -> Any:
    async def call(request: Request[Any, Any, Any]) -> Response[bytes]:
        token = enter(from_headers(request.headers, current()))
        try:
            return Response(await answer(operation, method, await request.body()), media_type=MediaType.JSON)
        finally:
            leave(token)

    return call


def _streaming(operation: Operation, method: Callable[..., Any]) -> Any:
    async def call(request: Request[Any, Any, Any]) -> Response[Any]:
        body = await request.body()
        token = enter(from_headers(request.headers, current()))
        try:
            lines = frames(operation, opened(operation, method, body))
        finally:
            leave(token)
        # The first frame is fetched before the status is sent: what fails at once, fails with its own status.
        return Stream(_rest(await anext(lines), lines), media_type=NDJSON)

    return call


async def _rest(first: bytes, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """What goes into the body. A client that goes away closes this, and with it the service's iterator."""
    try:
        yield first
        async for line in lines:
            yield line
    except Fault as fault:
        yield error_frame(fault)
    finally:
        await close(lines)


def fault_response(request: Request[Any, Any, Any], fault: Fault) -> Response[bytes]:
    """A fault as an answer: its status, its wire form."""
    headers = {"Retry-After": str(max(1, round(fault.retry_after_seconds)))} if isinstance(fault, Busy) else None
    return Response(fault_to_wire(fault), status_code=fault.http_status, media_type=MediaType.JSON, headers=headers)


def http_response(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar itself refuses, such as a body that is too large, in the same form."""
    fault: Fault
    if error.status_code == 404:
        fault = NotFound(kind="path", name=request.url.path)
    else:
        fault = Invalid(where="request", expected=f"{error.detail} (status {error.status_code})")
    return Response(fault_to_wire(fault), status_code=error.status_code, media_type=MediaType.JSON)
