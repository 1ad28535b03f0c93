"""Serves the application until SIGTERM or SIGINT, then lets requests under way end.

    serving -> (signal) -> no new connections, requests end, at most `server.stop_seconds` -> returns to the caller

uvicorn by itself raises the signal again when it is done, which would end the process before the house has closed its
databases; here the signal only stops the serving.
"""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from kernel.errors import Conflict
from kernel.runtime.gateway.patience import patient_protocol
from kernel.runtime.settings.tree import ServerSettings


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready(_address(self))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.handle_exit, name, None)
        try:
            yield
        finally:
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(name)


async def serve(app: Any, settings: ServerSettings, ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve `app`; `ready` is told the address (`http://127.0.0.1:8010`) when connections are taken.

    Forwarding headers are not believed: a client could write itself any address. Raises Conflict if the port is taken.
    """
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="none",
        http=patient_protocol(settings.receive_seconds),
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
    )
    try:
        await _Server(config, ready).serve()
    except SystemExit as refused:
        raise Conflict(
            what=f"{settings.host}:{settings.port} cannot be listened on: another process has it, or the address is "
            "not this machine's; set server.host or server.port"
        ) from refused


def _address(server: uvicorn.Server) -> str:
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
