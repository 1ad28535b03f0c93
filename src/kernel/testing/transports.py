"""One suite, four ways to reach the facade: the suite takes a port and cannot tell which.

    @pytest.fixture(params=TRANSPORTS)
    async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Shelf]:
        async with reach(request.param, SHELF, Shelved) as port:
            yield port

`factory` is a class or function of a module's top level without parameters: the second process calls it, too.
"""

from __future__ import annotations

import atexit
import inspect
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import aiohttp

from kernel.facade.client import RemoteHouse
from kernel.facade.local import local_port
from kernel.facade.operation import Facade
from kernel.facade.strict import strict_port
from kernel.testing.served import rpc_app, serving

Transport = Literal["service", "strict", "http", "process"]
TRANSPORTS: tuple[Transport, ...] = ("service", "strict", "http", "process")


@asynccontextmanager
async def reach(
    transport: Transport, facade: Facade, factory: Callable[[], Any], caller: str = "test"
) -> AsyncIterator[Any]:
    """A port to a fresh service."""
    if transport == "service":
        yield local_port(facade, factory(), caller)
    elif transport == "strict":
        yield strict_port(facade, factory(), caller)
    elif transport == "http":
        async with serving(rpc_app([(facade, factory())])) as url, _house(url) as house:
            yield house.port(facade, caller)
    else:
        url = second_process(facade, factory)
        async with aiohttp.ClientSession() as session, session.post(f"{url}/fresh") as renewed:
            renewed.raise_for_status()
        async with _house(url) as house:
            yield house.port(facade, caller)


@asynccontextmanager
async def _house(url: str) -> AsyncIterator[RemoteHouse]:
    house = RemoteHouse(url, None)
    try:
        yield house
    finally:
        await house.close()


@cache
def second_process(facade: Facade, factory: Callable[[], Any]) -> str:
    """Start it once per facade and factory; it ends with this process. Gives its base URL."""
    file = str(inspect.getsourcefile(factory))
    module = Path(file).stem if factory.__module__ == "__main__" else factory.__module__
    what = [file, module, factory.__name__]
    protocol = [facade.protocol.__module__, facade.protocol.__name__]
    process = subprocess.Popen(
        [sys.executable, "-m", "kernel.testing.process", *what, *protocol],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    atexit.register(process.kill)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    if not url:
        raise RuntimeError(f"the second process for {facade.path} did not start: see its error above")
    return url
