"""A facade in a second process: `python -m kernel.testing.process FILE MODULE FACTORY PROTOCOL_MODULE PROTOCOL`.

It prints its port and serves until its standard input ends, that is until the test's process does. `POST /fresh`
replaces the service by a new one, so that one process serves many tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import uvloop
from litestar import Litestar, post

from kernel.facade.operation import Facade
from kernel.facade.server import rpc_routes
from kernel.testing.served import serving


class Renewed:
    """Stands before the service; its methods are those of the newest one."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self._factory = factory
        self._service = factory()

    def fresh(self) -> None:
        self._service = self._factory()

    def method(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: getattr(self._service, name)(*args, **kwargs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self.method(name)


def load(file: str, module: str) -> Any:
    """A module by its file, under the name that it has in the test's process, so that its errors keep their names."""
    with contextlib.suppress(ImportError):
        found = importlib.import_module(module)
        if found.__file__ == file:
            return found
    spec = importlib.util.spec_from_file_location(module, file)
    assert spec
    assert spec.loader
    loaded = sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def facade_of(module: Any, protocol: str) -> Facade:
    """The checked facade of a Protocol, among the globals of its module."""
    for value in vars(module).values():
        for facade in value if isinstance(value, tuple) else (value,):
            if isinstance(facade, Facade) and facade.protocol.__name__ == protocol:
                return facade
    raise LookupError(f"{module.__name__} holds no checked facade {protocol}")


async def main(file: str, module: str, factory: str, protocol_module: str, protocol: str) -> None:
    service = Renewed(getattr(load(file, module), factory))
    facade = facade_of(importlib.import_module(protocol_module), protocol)

    @post("/fresh", status_code=204)
    async def fresh() -> None:
        service.fresh()

    app = Litestar([fresh, *rpc_routes([(facade, service)])], openapi_config=None, logging_config=None)
    async with serving(app) as url:
        print(url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
