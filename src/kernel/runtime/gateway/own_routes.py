"""The kernel's own routes: `/health/live` and `/health/ready` for container runtimes, `/metrics` for a scraper."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from kernel.runtime.access.guard import guard
from kernel.runtime.health.health import Health, Readiness
from kernel.runtime.observe.metrics import CONTENT_TYPE, Metrics


def own_routes(health: Health, metrics: Metrics) -> list[Any]:
    @get("/health/live", summary="The process answers", tags=["health"])
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready", summary="All that the house needs works; 503 names what does not", tags=["health"])
    async def ready() -> Response[Readiness]:
        readiness = await health.ready()
        return Response(readiness, status_code=200 if readiness.ready else 503)

    @get("/metrics", guards=[guard("viewer")], include_in_schema=False)
    async def exposition() -> Response[bytes]:
        return Response(await metrics.render(), headers={"content-type": CONTENT_TYPE})

    return [live, ready, exposition]
