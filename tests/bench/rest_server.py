"""A server for bench_rest: `bare` is one Litestar handler and nothing else, `house` the same one behind the door."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from litestar import Litestar, get

from kernel.data import Database
from kernel.data.migrate import upgrade
from kernel.facade.meter import Meter
from kernel.runtime.access import Access, guard
from kernel.runtime.gateway import build_app
from kernel.runtime.health import Health
from kernel.runtime.limits import Limits
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.settings.tree import LimitSettings
from kernel.runtime.tables import metadata

ANSWER = {"entity_id": "light.kitchen", "state": "on", "habits": [1, 2, 3]}


def bare() -> Litestar:
    @get("/api/v1/thing")
    async def thing() -> dict[str, Any]:
        return ANSWER

    return Litestar([thing], logging_config=None, openapi_config=None)


async def house(folder: Path) -> Litestar:
    @get("/api/v1/thing", guards=[guard("viewer")])
    async def thing() -> dict[str, Any]:
        return ANSWER

    url = f"sqlite:///{folder}/kernel.db"
    upgrade("kernel", url, metadata)
    access = Access(await Database.open("kernel", url))
    print((await access.create("bench", "viewer")).secret.reveal(), flush=True)
    limits = Limits(LimitSettings(requests_per_second=1e9, burst=1_000_000_000))
    return build_app(
        [thing],
        version="bench",
        access=access,
        limits=limits,
        health=Health(),
        metrics=Metrics(Meter()),
        body_bytes=1_000_000,
    )


async def main(kind: str, port: int, folder: Path) -> None:
    app = bare() if kind == "bare" else await house(folder)
    config = uvicorn.Config(app, port=port, http="httptools", log_config=None, access_log=False, proxy_headers=False)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
