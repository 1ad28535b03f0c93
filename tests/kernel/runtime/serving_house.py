"""A process that serves one slow route until it is told to stop; run by test_serving."""

from __future__ import annotations

import asyncio
import sys

from litestar import get
from tests.kernel.runtime.house import house

from kernel.runtime.access import guard
from kernel.runtime.gateway import serve
from kernel.runtime.settings.tree import ServerSettings


@get("/api/v1/slow", guards=[guard("viewer")])
async def slow() -> str:
    print("begun", flush=True)
    await asyncio.sleep(0.5)
    return "finished"


async def main(port: int, stop_seconds: float) -> None:
    settings = ServerSettings(port=port, stop_seconds=stop_seconds)
    await serve(house([slow]), settings, lambda address: print(address, flush=True))
    print("closed", flush=True)


asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
