"""The reference for bench_house: one Litestar handler behind uvicorn and uvloop, and nothing else."""

from __future__ import annotations

import socket

import uvicorn
import uvloop
from litestar import Litestar, get


@get("/health/ready")
async def ready() -> dict[str, str]:
    return {"hello": "house"}


async def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(f"Serving a greeting at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    app = Litestar([ready], logging_config=None, openapi_config=None)
    config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False)
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    uvloop.run(main())
