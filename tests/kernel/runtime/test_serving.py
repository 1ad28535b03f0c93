"""Over a real socket, in a process of its own: it stops when told, after what it has begun."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from tests.kernel.runtime.house import house

from kernel.errors import Conflict
from kernel.runtime.gateway import serve
from kernel.runtime.settings.tree import ServerSettings

REPOSITORY = Path(__file__).parents[3]
VIEWER = {"authorization": "Bearer hw_viewer"}
Start = Callable[[float], Awaitable[tuple[Process, str]]]


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    processes: list[Process] = []

    async def started(stop_seconds: float) -> tuple[Process, str]:
        command = (sys.executable, "-m", "tests.kernel.runtime.serving_house", "0", str(stop_seconds))
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=REPOSITORY)
        processes.append(process)
        return process, await line(process)

    yield started
    for process in processes:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_request_end_and_the_house_close(start: Start, told: signal.Signals) -> None:
    process, address = await start(5.0)
    async with aiohttp.ClientSession(headers=VIEWER) as client:
        asked = asyncio.create_task(client.get(f"{address}/api/v1/slow"))
        assert await line(process) == "begun"
        process.send_signal(told)
        answer = await asked
        assert (answer.status, await answer.text()) == (200, "finished")
    assert await line(process) == "closed"
    assert await process.wait() == 0


async def test_a_request_that_takes_longer_than_allowed_does_not_hold_the_stop(start: Start) -> None:
    process, address = await start(0.0)
    async with aiohttp.ClientSession(headers=VIEWER) as client:
        asked = asyncio.create_task(client.get(f"{address}/api/v1/slow"))
        assert await line(process) == "begun"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert await line(process) == "closed"
        assert time.monotonic() - began < 0.45
        with pytest.raises((aiohttp.ClientError, AssertionError)):
            assert (await asked).status == 200


async def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Conflict, match=r"set server\.host or server\.port"):
            await serve(house(), ServerSettings(port=taken.getsockname()[1]))


async def test_a_forwarded_address_is_not_believed(start: Start) -> None:
    """Else anyone could escape the limit for wrong tokens by writing itself a new address each time."""
    _, address = await start(1.0)
    statuses = []
    async with aiohttp.ClientSession() as client:
        for number in range(25):
            headers = {"authorization": "Bearer hw_guess", "x-forwarded-for": f"10.0.0.{number}"}
            async with client.get(f"{address}/health/live", headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses[:20] == [401] * 20
    assert 429 in statuses


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
async def test_it_listens_where_it_is_told(host: str) -> None:
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(house(), ServerSettings(host=host, port=0), told.set_result))
    address = await asyncio.wait_for(told, 10)
    assert address.startswith(f"http://{host}:")
    async with aiohttp.ClientSession() as client, client.get(f"{address}/health/live") as answer:
        assert answer.status == 200
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(serving, 10)
