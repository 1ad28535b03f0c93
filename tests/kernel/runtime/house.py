"""A small application behind the real gateway, for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from kernel.facade.context import Principal
from kernel.facade.meter import Meter
from kernel.runtime.gateway import Gateway, build_app
from kernel.runtime.gateway.door import Verifier
from kernel.runtime.health import Check, Health
from kernel.runtime.limits import Limits
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.settings.tree import LimitSettings

PEOPLE = {
    b"hw_viewer": Principal(name="vera", role="viewer"),
    b"hw_operator": Principal(name="otto", role="operator"),
    b"hw_admin": Principal(name="anna", role="admin"),
}


class Known:
    """A verifier of three people. The real one, over a database, is in test_access."""

    def verify(self, secret: bytes) -> Principal | None:
        return PEOPLE.get(secret)

    async def verify_anew(self, secret: bytes) -> Principal | None:
        return None


def house(
    routes: Sequence[Any] = (),
    limits: LimitSettings | None = None,
    checks: dict[str, Check] | None = None,
    meter: Meter | None = None,
    body_bytes: int = 10_000,
    access: Verifier | None = None,
) -> Gateway:
    return build_app(
        routes,
        version="0.0",
        access=access or Known(),
        limits=Limits(limits or LimitSettings()),
        health=Health(checks),
        metrics=Metrics(meter or Meter()),
        body_bytes=body_bytes,
    )


@asynccontextmanager
async def visiting(app: Gateway, who: str | None = "viewer", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    sent = dict(headers) | ({"authorization": f"Bearer hw_{who}"} if who else {})
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://house", headers=sent) as client:
        yield client
