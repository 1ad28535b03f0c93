"""Facades behind a real socket in this process: uvicorn on an ephemeral port, in the test's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from kernel.facade.operation import Facade
from kernel.facade.server import rpc_routes


class Quiet(uvicorn.Server):
    """Leaves the signals to the test, and stops when told to, not at the next tenth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.over = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.over.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(port: int = 0) -> socket.socket:
    """A bound TCP socket on the loopback; port 0: any that is free.

    Its protocol is named: asyncio switches Nagle's wait off only where it is, and 40 ms a call are the price otherwise.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def rpc_app(served: Iterable[tuple[Facade, Any]], **options: Any) -> Litestar:
    """An application with nothing but the facades."""
    return Litestar(rpc_routes(served, **options), openapi_config=None, logging_config=None)


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` inside the block, and give its base URL."""
    bound = listening(port)
    server = Quiet(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.over.set()
        await task
        bound.close()
