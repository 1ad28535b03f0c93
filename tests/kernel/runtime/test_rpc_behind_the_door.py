"""Two processes of the house speak through the same door as everybody: token, role, principal, trace."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
import pytest
import structlog
from litestar import get
from tests.kernel.runtime.house import house, visiting

from kernel.errors import Busy, Forbidden, Unauthorized
from kernel.facade import Principal, calling
from kernel.facade.client import RemoteHouse
from kernel.facade.local import local_port
from kernel.facade.server import rpc_routes
from kernel.facade.wire import ErrorBody
from kernel.runtime.access import guard
from kernel.runtime.gateway import serve
from kernel.runtime.observe import set_up_logs
from kernel.runtime.settings.tree import LimitSettings, LogSettings, ServerSettings
from kernel.testing.sample import SHELF, Jar, NoJar, Shelf, Shelved

SECRET = "canary-71b3"
Visit = Callable[[str | None], Shelf]


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    """Gives the port of a visitor with a token of this role, over TCP; requests outside /rpc/ are limited to two."""
    routes = rpc_routes([(SHELF, Shelved())], guard=guard)
    app = house(routes, LimitSettings(requests_per_second=0.01, burst=2))
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, ServerSettings(port=0, stop_seconds=1), told.set_result))
    address = await asyncio.wait_for(told, 10)
    houses: list[RemoteHouse] = []

    def visitor(role: str | None) -> Shelf:
        houses.append(RemoteHouse(address, f"hw_{role}" if role else None, attempts=1))
        port: Shelf = houses[-1].port(SHELF, "tests")
        return port

    yield visitor
    for one in houses:
        await one.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_reads_ask_for_a_viewer_and_writes_for_an_operator(visit: Visit) -> None:
    assert await visit("operator").put(Jar(name="plums")) == 1
    assert (await visit("viewer").jar("plums")).name == "plums"
    with pytest.raises(Forbidden, match="operator"):
        await visit("viewer").put(Jar(name="pears"))
    with pytest.raises(Unauthorized):
        await visit(None).jar("plums")
    with pytest.raises(Unauthorized):
        await visit("nobody").jar("plums")


async def test_only_an_admin_may_act_for_somebody_else(visit: Visit) -> None:
    with calling(principal=Principal(name="vera", role="viewer")):
        assert (await visit("admin").seen()).principal == "vera"
        assert (await visit("operator").seen()).principal == "otto"


async def test_the_trace_of_the_caller_goes_on(visit: Visit) -> None:
    with calling(trace_id="c" * 32):
        assert (await visit("viewer").seen()).trace_id == "c" * 32


async def test_a_declared_error_and_a_stream_pass_the_door(visit: Visit) -> None:
    peer = visit("admin")
    for name in ("a", "b", "c"):
        await peer.put(Jar(name=name))
    assert [jar.name async for jar in peer.jars()] == ["a", "b", "c"]
    with pytest.raises(NoJar):
        await peer.jar("d")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What this process logs."""
    handlers, out = list(logging.getLogger().handlers), io.StringIO()
    set_up_logs(LogSettings(format="json"), out)
    yield out
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()


class Leaking(Shelved):
    """Its mistakes tell what nobody outside may know."""

    async def fail(self, how: str) -> None:
        raise ZeroDivisionError(SECRET)

    async def jars(self, prefix: str = "") -> AsyncIterator[Jar]:
        yield Jar(name="plums")
        raise ZeroDivisionError(SECRET)

    async def jar(self, name: str) -> Jar:
        raise NoJar(name=f"{SECRET} \ud800")

    async def seen(self) -> Any:
        return {SECRET: object()}


@pytest.mark.parametrize(
    ("operation", "body", "logged"),
    [
        ("fail", {"how": "bug"}, f"ZeroDivisionError: {SECRET}"),
        ("jars", {}, f"ZeroDivisionError: {SECRET}"),
        ("jar", {"name": "x"}, "undeclared NoJar: its fields cannot cross"),
        ("seen", {}, "undeclared Invalid: "),
    ],
)
async def test_a_mistakes_text_stays_in_the_log_of_the_process_where_it_was_made(
    log: io.StringIO, operation: str, body: Any, logged: str
) -> None:
    app = house(rpc_routes([(SHELF, Leaking())], guard=guard))
    async with visiting(app, "admin", traceparent=f"00-{'d' * 32}-{'e' * 16}-01") as client:
        answer = await client.post(f"/rpc/sample/Shelf/{operation}", json=body)
    error = msgspec.json.decode(answer.content.splitlines()[-1], type=ErrorBody).error
    assert (error.type, error.ran) == ("kernel.Undeclared", "yes")
    assert SECRET not in answer.text
    lines = [line for line in map(json.loads, log.getvalue().splitlines()) if logged in str(line)]
    assert [line["trace_id"] for line in lines] == ["d" * 32]
    assert "Traceback" in lines[0]["exception"]


async def test_nor_does_it_cross_over_rest(log: io.StringIO) -> None:
    port = local_port(SHELF, Leaking(), "rest")

    @get("/api/v1/fail", guards=[guard("viewer")])
    async def fail() -> None:
        await port.fail("bug")

    async with visiting(house([fail])) as client:
        answer = await client.get("/api/v1/fail")
    error = msgspec.json.decode(answer.content, type=ErrorBody).error
    assert (answer.status_code, error.message) == (500, "sample/Shelf/fail failed with an undeclared ZeroDivisionError")
    assert SECRET not in answer.text
    assert SECRET in log.getvalue()


async def test_a_peer_is_not_slowed_and_others_are(visit: Visit) -> None:
    for _ in range(20):
        await visit("admin").seen()
    viewer = visit("viewer")
    for _ in range(2):
        await viewer.seen()
    with pytest.raises(Busy):
        await viewer.seen()
