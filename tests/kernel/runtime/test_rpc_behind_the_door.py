"""Two processes of the house speak through the same door as everybody: token, role, principal, trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from tests.kernel.runtime.house import house

from kernel.errors import Busy, Forbidden, Unauthorized
from kernel.facade import Principal, calling
from kernel.facade.client import RemoteHouse
from kernel.facade.server import rpc_routes
from kernel.runtime.access import guard
from kernel.runtime.gateway import serve
from kernel.runtime.settings.tree import LimitSettings, ServerSettings
from kernel.testing.sample import SHELF, Jar, NoJar, Shelf, Shelved

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


async def test_a_peer_is_not_slowed_and_others_are(visit: Visit) -> None:
    for _ in range(20):
        await visit("admin").seen()
    viewer = visit("viewer")
    for _ in range(2):
        await viewer.seen()
    with pytest.raises(Busy):
        await viewer.seen()
