"""Builds the Litestar application behind the Door, and refuses to build one with a route that nobody guards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from kernel.errors import Fault
from kernel.runtime.gateway.door import Door, Verifier
from kernel.runtime.gateway.faults import on_bug, on_fault, on_http
from kernel.runtime.gateway.own_routes import own_routes
from kernel.runtime.gateway.request import StrictRequest
from kernel.runtime.gateway.roles import RoleCheck, Roles, take_over
from kernel.runtime.health.health import Health
from kernel.runtime.limits.limits import Limits
from kernel.runtime.observe.metrics import Metrics

if TYPE_CHECKING:
    from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send


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
    receive_seconds: float = 30.0,
    title: str = "Homewright",
    lifespan: Sequence[Callable[[Litestar], Any]] = (),
) -> Gateway:
    """The application: `routes`, health, metrics and schema. Raises UnguardedRoute."""
    roles: Roles = {}
    app = Gateway(
        route_handlers=[*routes, *own_routes(health, metrics)],
        exception_handlers={Fault: on_fault, HTTPException: on_http, Exception: on_bug},
        openapi_config=OpenAPIConfig(
            title=title,
            version=version,
            path="/schema",
            render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],
        ),
        middleware=[DefineMiddleware(RoleCheck, roles=roles)],
        request_class=StrictRequest,
        request_max_body_size=body_bytes,
        logging_config=None,
        lifespan=list(lifespan),
        debug=False,
    )
    take_over(app, roles)
    app.door = Door(super(Gateway, app).__call__, access, limits, metrics.requests, receive_seconds)
    return app
