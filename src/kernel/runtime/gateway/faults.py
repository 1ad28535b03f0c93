"""Every failure as `{"error": {"type", "ran", "message", "fields"}}`, the same shape on REST and RPC."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Method
from litestar.utils import normalize_path

from kernel.errors import Busy, Fault, Forbidden, Invalid, NotFound, Refused, Unauthorized, Undeclared
from kernel.facade.wire import fault_to_wire
from kernel.runtime.observe.log import logger

_METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")


class NotAllowed(Refused):
    """The route exists; the method does not."""

    method: str
    allowed: str
    http_status = 405

    def __str__(self) -> str:
        return f"{self.method} is not allowed here; allowed: {self.allowed}"


class TooLarge(Refused):
    """The body is larger than `server.body_bytes`."""

    http_status = 413

    def __str__(self) -> str:
        return "the body is larger than this server accepts: send less, or set server.body_bytes"


def headers_of(fault: Fault) -> dict[str, str]:
    if isinstance(fault, Busy):
        return {"retry-after": f"{max(1, round(fault.retry_after_seconds + 0.499))}"}
    if isinstance(fault, Unauthorized):
        return {"www-authenticate": 'Bearer realm="homewright"'}
    if isinstance(fault, NotAllowed):
        return {"allow": fault.allowed}
    return {}


def answer(fault: Fault) -> Response[Any]:
    body = fault_to_wire(fault)
    return Response(body, status_code=fault.http_status, headers=headers_of(fault), media_type=MediaType.JSON)


def on_fault(request: Request[Any, Any, Any], fault: Fault) -> Response[Any]:
    if fault.http_status >= 500:
        logger("gateway").error("failed", route=_route(request), problem=str(fault), kind=type(fault).__name__)
    return answer(fault)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Litestar's own refusals, in our words."""
    return answer(_translated(request, error))


def on_bug(request: Request[Any, Any, Any], bug: Exception) -> Response[Any]:
    """What nobody foresaw: the log has the traceback, the caller the trace id; neither gets the other's."""
    logger("gateway").error("bug", route=_route(request), exc_info=bug)
    return answer(Undeclared(operation=_route(request), kind=type(bug).__name__))


def _route(request: Request[Any, Any, Any]) -> str:
    return f"{request.method} {request.scope.get('path_template') or request.scope['path']}"


def _translated(request: Request[Any, Any, Any], error: HTTPException) -> Fault:
    status = error.status_code
    if isinstance(error, ValidationException):
        return Invalid(where=f"{request.method} {request.scope['path']}", expected=_places(error))
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(kind="route", name=request.scope["path"])
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return NotAllowed(method=request.method, allowed=_allowed(request))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLarge()
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized()
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(needed="another", role="none")
    if status < 500:
        return Invalid(where=f"{request.method} {request.scope['path']}", expected=error.detail)
    return Undeclared(operation=_route(request), kind=type(error).__name__)


def _allowed(request: Request[Any, Any, Any]) -> str:
    """The methods that this path has: Litestar knows them and does not say."""
    return ", ".join(method for method in _METHODS if _routed(request, method))


def _routed(request: Request[Any, Any, Any], method: Method) -> bool:
    try:
        request.app.asgi_router.handle_routing(path=normalize_path(request.scope["path"]), method=method)
    except HTTPException:
        return False
    return True


def _places(error: ValidationException) -> str:
    """`body.weeks: Expected `float`, got `str``, for every place that Litestar names."""
    extra = error.extra if isinstance(error.extra, list) else []
    places = [f"{item.get('key', item.get('source', 'body'))}: {item.get('message', '')}" for item in extra]
    return "; ".join(places) or error.detail
