"""`/health/live` and `/health/ready`: open, for container runtimes; 503 with the reasons when not ready."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from kernel.runtime.health.health import Health, Readiness


def health_routes(health: Health) -> list[HTTPRouteHandler]:
    @get("/health/live", summary="The process answers", tags=["health"])
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready", summary="Everything that the house needs works", tags=["health"])
    async def ready() -> Response[Readiness]:
        readiness = await health.ready()
        return Response(readiness, status_code=200 if readiness.ready else 503)

    handlers: list[Any] = [live, ready]
    return handlers
