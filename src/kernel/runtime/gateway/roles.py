"""Checks the roles that routes declare by `guards=[guard(role)]`, with one look-up per request.

Litestar copies the whole handler for each guard of each request (10 of 32 microseconds, tests/bench/bench_rest.py), so
our guards are taken over when the application is built; guards that are not ours stay with Litestar. A handler that was
not seen then needs an admin: what is forgotten is closed, not open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar

from kernel.errors import Forbidden, Unauthorized
from kernel.facade.context import Role
from kernel.runtime.access.guard import GUARDS, role_of
from kernel.runtime.access.keyring import allows

if TYPE_CHECKING:
    from litestar.handlers.base import BaseRouteHandler
    from litestar.types import ASGIApp, Receive, Scope, Send

Roles = dict[Any, Role | None]

OPEN_ROUTES: Final = frozenset(
    {
        "/health/live",
        "/health/ready",
        "/schema",
        "/schema/openapi.json",
        "/schema/openapi.yaml",
        "/schema/openapi.yml",
        "/schema/{path:str}",
    }
)
"""All that answers without a token: whether we live, and what can be asked. Nothing about the home."""


class UnguardedRoute(TypeError):
    """A route has no guard and is not on the open list. Raised when the application is built."""


class RoleCheck:
    """Middleware behind the routing: raises Unauthorized or Forbidden before the handler is reached."""

    def __init__(self, app: ASGIApp, roles: Roles) -> None:
        self._app = app
        self._roles = roles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        needed = self._roles.get(scope["route_handler"], "admin")
        if needed is not None:
            principal = scope["user"]
            if principal is None:
                raise Unauthorized()
            if not allows(principal.role, needed):
                raise Forbidden(needed=needed, role=principal.role)
        await self._app(scope, receive, send)


def take_over(app: Litestar, roles: Roles) -> None:
    """Write the role of every handler of `app` into `roles`. Raises UnguardedRoute with every route that has none."""
    bare = []
    for path, handler in handlers_of(app):
        guards = handler.resolve_guards()
        roles[handler] = role_of(guards)
        if roles[handler] is None and path not in OPEN_ROUTES and not _names_methods(handler):
            bare.append(f"{path} ({handler})")
        ours = set(map(id, GUARDS.values()))
        handler._resolved_guards = [one for one in guards if id(one) not in ours]
    if bare:
        raise UnguardedRoute(f"no guard on {', '.join(sorted(bare))}: write guards=[guard('viewer')] or another role")


def handlers_of(app: Litestar) -> Iterator[tuple[str, BaseRouteHandler]]:
    """(path, handler) of all that can be called."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[union-attr]
            yield route.path, handler


def _names_methods(handler: BaseRouteHandler) -> bool:
    """Litestar's own answer to OPTIONS: the methods of a path, nothing else."""
    return getattr(handler, "http_methods", None) == {"OPTIONS"} and handler.fn.__module__.startswith("litestar.")
