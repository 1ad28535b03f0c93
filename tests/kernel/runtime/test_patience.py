"""Clients that let the house wait: hung up on in time. Those that are only large or at rest: not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from litestar import Request, get, post
from tests.kernel.runtime.house import house

from kernel.facade.server import rpc_routes
from kernel.runtime.access import guard
from kernel.runtime.gateway import serve
from kernel.runtime.settings.tree import ServerSettings
from kernel.testing.sample import SHELF, Shelved

SECONDS = 0.3
HEAD = b"Host: house\r\nAuthorization: Bearer hw_operator\r\n"
Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@post("/api/v1/count", guards=[guard("viewer")], request_max_body_size=None)
async def count(request: Request[Any, Any, Any]) -> int:
    return sum([len(part) async for part in request.stream()])


@get("/api/v1/slow", guards=[guard("viewer")])
async def slow() -> str:
    await asyncio.sleep(2 * SECONDS)
    return "finished"


@pytest.fixture
async def dial() -> AsyncIterator[Dial]:
    app = house([count, slow, *rpc_routes([(SHELF, Shelved())], guard=guard)], receive_seconds=SECONDS)
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    settings = ServerSettings(port=0, stop_seconds=1, receive_seconds=SECONDS)
    serving = asyncio.create_task(serve(app, settings, told.set_result))
    port = int((await asyncio.wait_for(told, 10)).rpartition(":")[2])
    lines: list[asyncio.StreamWriter] = []

    async def dialled() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines.append(writer)
        return reader, writer

    yield dialled
    for line in lines:
        line.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def until_hung_up(reader: asyncio.StreamReader) -> tuple[bytes, float]:
    """What came until the other side closed, and how long that took."""
    began = time.monotonic()
    async with asyncio.timeout(4):
        return await reader.read(), time.monotonic() - began


@pytest.mark.parametrize("path", [b"/api/v1/count", b"/rpc/sample/Shelf/jar"])
@pytest.mark.parametrize("length", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"])
async def test_a_body_that_does_not_come_is_told_and_hung_up_on(dial: Dial, path: bytes, length: bytes) -> None:
    callers = [await dial() for _ in range(5)]
    for _, writer in callers:
        writer.write(b"POST " + path + b" HTTP/1.1\r\n" + HEAD + length)
    for answer, seconds in await asyncio.gather(*(until_hung_up(reader) for reader, _ in callers)):
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"ran":"no"' in answer
        assert SECONDS * 0.9 < seconds < 4 * SECONDS


@pytest.mark.parametrize("said", [b"", b"GE", b"GET /health/live HTTP/1.1\r\nHost: ho", b"\r\n"])
async def test_headers_that_do_not_come_are_not_waited_for(dial: Dial, said: bytes) -> None:
    reader, writer = await dial()
    writer.write(said)
    answer, seconds = await until_hung_up(reader)
    assert (answer, seconds < 4 * SECONDS) == (b"", True)


async def test_headers_that_drip_are_not_waited_for(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(b"GET /health/live HTTP/1.1\r\n")
    over = asyncio.create_task(until_hung_up(reader))
    while not over.done():
        writer.write(b"X-Drip: 1\r\n")
        await asyncio.sleep(SECONDS / 4)
    assert over.result()[1] < 4 * SECONDS


async def test_what_was_refused_before_its_body_came_is_not_waited_for(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(b"POST /api/v1/count HTTP/1.1\r\nHost: house\r\nContent-Length: 100000\r\n\r\n")
    over = asyncio.create_task(until_hung_up(reader))
    while not over.done():
        writer.write(b"x")
        await asyncio.sleep(SECONDS / 4)
    answer, seconds = over.result()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert seconds < 4 * SECONDS


async def test_a_body_lives_as_long_as_bytes_flow(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(b"POST /api/v1/count HTTP/1.1\r\n" + HEAD + b"Connection: close\r\nContent-Length: 10\r\n\r\n")
    for _ in range(10):
        await asyncio.sleep(SECONDS / 3)
        writer.write(b"x")
    answer, _ = await until_hung_up(reader)
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert answer.endswith(b"\r\n10")


async def test_a_slow_answer_of_ours_is_not_the_clients_fault(dial: Dial) -> None:
    reader, writer = await dial()
    for last in (b"", b"Connection: close\r\n"):
        writer.write(b"GET /api/v1/slow HTTP/1.1\r\n" + HEAD + last + b"\r\n")
        if not last:
            assert b"200" in await reader.readuntil(b"finished")
            await asyncio.sleep(2 * SECONDS)
    assert (await until_hung_up(reader))[0].endswith(b"finished")
