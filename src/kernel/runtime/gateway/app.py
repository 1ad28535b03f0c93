"""Builds the Litestar application behind the Door, and refuses to build one with a route that nobody guards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from kernel.errors import Fault
from kernel.runtime.access.guard import role_of
from kernel.runtime.gateway.door import Door, Verifier
from kernel.runtime.gateway.faults import on_bug, on_fault, on_http
from kernel.runtime.gateway.own_routes import own_routes
from kernel.runtime.health.health import Health
from kernel.runtime.limits.limits import Limits
from kernel.runtime.observe.metrics import Metrics

if TYPE_CHECKING:
    from litestar.handlers.base import BaseRouteHandler
    from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

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


class Gateway(Litestar):
    """Litestar whose every request passes the Door, those without a route too."""

    door: Door

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        else:
            await self.door(scope, receive, send)  # type: ignore[arg-type]


def build_app(
    routes: Sequence[Any],
    *,
    version: str,
    access: Verifier,
    limits: Limits,
    health: Health,
    metrics: Metrics,
    body_bytes: int,
    title: str = "Homewright",
    lifespan: Sequence[Callable[[Litestar], Any]] = (),
) -> Gateway:
    """The application: `routes`, health, metrics and schema. Raises UnguardedRoute."""
    app = Gateway(
        route_handlers=[*routes, *own_routes(health, metrics)],
        exception_handlers={Fault: on_fault, HTTPException: on_http, Exception: on_bug},
        openapi_config=OpenAPIConfig(
            title=title,
            version=version,
            path="/schema",
            render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],
        ),
        request_max_body_size=body_bytes,
        logging_config=None,
        lifespan=list(lifespan),
        debug=False,
    )
    app.door = Door(super(Gateway, app).__call__, access, limits, metrics.requests)
    refuse_unguarded(app)
    return app


def refuse_unguarded(app: Litestar) -> None:
    """Raises UnguardedRoute with every route that lacks a guard."""
    bare = sorted(
        f"{path} ({handler})"
        for path, handler in handlers_of(app)
        if path not in OPEN_ROUTES and role_of(handler.resolve_guards()) is None
    )
    if bare:
        raise UnguardedRoute(f"no guard on {', '.join(bare)}: write guards=[guard('viewer')] or another role")


def handlers_of(app: Litestar) -> Iterator[tuple[str, BaseRouteHandler]]:
    """(path, handler) of all that can be called. Litestar's own OPTIONS answers name methods only and are left out."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[union-attr]
            if getattr(handler, "http_methods", None) != {"OPTIONS"}:
                yield route.path, handler
