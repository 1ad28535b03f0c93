"""The local port: its context, its deadline, its tallies, and what becomes of faults that come from further down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Protocol

import pytest

from kernel.errors import Busy, Late, Undeclared, Unreachable
from kernel.facade import Context, calling, checked, current, read, write
from kernel.facade.local import local_port
from kernel.facade.meter import BOUNDS_SECONDS, Meter
from kernel.testing.sample import SHELF, Jar, NoJar, Shelved


class Outer(Protocol):
    """A facade whose service calls another one."""

    @write()
    async def ask(self, how: str) -> str:
        """Said."""

    @read
    def heard(self) -> AsyncIterator[str]:
        """Said."""


(OUTER,) = checked("outer", Outer)


class Asking(Outer):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def ask(self, how: str) -> str:
        if how == "seen":
            seen = await self._inner.seen()
            return f"{current().caller} {current().received} {seen.caller} {seen.received}"
        if how == "timeout":
            raise TimeoutError("of its own")
        if how == "own":
            raise Busy(what="full", retry_after_seconds=1)
        if how == "unreachable":
            raise Unreachable(peer="p", reason="r")
        await self._inner.fail(how)
        return ""

    async def heard(self) -> AsyncIterator[str]:
        for _ in range(2):
            yield current().caller


@pytest.fixture
def outer() -> Any:
    return local_port(OUTER, Asking(local_port(SHELF, Shelved(), "outer")), "test")


async def test_each_service_sees_its_own_caller_and_key(outer: Any) -> None:
    with calling(key="once-1"):
        assert await outer.ask("seen") == "test once-1 outer None"
    assert current() == Context()


async def test_a_refusal_from_further_down_does_not_mean_that_nothing_ran(outer: Any) -> None:
    with pytest.raises(Busy) as own:
        await outer.ask("own")
    with pytest.raises(Busy) as nested:
        await outer.ask("busy")
    assert (own.value.ran, nested.value.ran) == ("no", "unknown")


async def test_an_error_that_only_the_inner_facade_declares_is_undeclared() -> None:
    class Passing(Asking):
        async def ask(self, how: str) -> str:
            return str(await self._inner.jar(how))

    port = local_port(OUTER, Passing(local_port(SHELF, Shelved(), "outer")), "test")
    with pytest.raises(Undeclared) as met:
        await port.ask("pears")
    assert met.value.kind == "NoJar"
    assert isinstance(met.value.__cause__, NoJar)


async def test_a_services_own_timeout_is_not_the_callers_deadline(outer: Any) -> None:
    with pytest.raises(Undeclared), calling(seconds=5):
        await outer.ask("timeout")


async def test_a_deadline_can_only_come_nearer() -> None:
    with calling(seconds=1) as near, calling(seconds=60) as far:
        assert far.deadline == near.deadline
    with calling(seconds=60) as far, calling(seconds=1) as near:
        assert near.deadline is not None
        assert far.deadline is not None
        assert near.deadline < far.deadline


async def test_the_outer_deadline_ends_the_inner_call(outer: Any) -> None:
    with pytest.raises(Late) as met, calling(seconds=0.05):
        await outer.ask("sleep")
    assert met.value.ran == "unknown"


async def test_a_cancelled_call_is_cancelled_and_not_a_fault() -> None:
    meter = Meter()
    port = local_port(SHELF, Shelved(), "test", meter)
    task = asyncio.create_task(port.fail("sleep"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert all(one.failures == {} for one in meter.snapshot())


async def test_the_context_of_a_stream_is_not_that_of_its_reader(outer: Any) -> None:
    async for caller in outer.heard():
        assert caller == "test"
        assert current().caller == "outside"


async def test_a_stream_read_in_another_task_keeps_its_context(outer: Any) -> None:
    with calling(trace_id="a" * 32):
        stream = outer.heard()
    assert await asyncio.create_task(anext(stream)) == "test"
    assert await anext(stream) == "test"
    await stream.aclose()


async def test_leaving_a_stream_closes_it_at_the_service() -> None:
    service = Shelved()
    service.kept = {str(number): Jar(name=str(number)) for number in range(1, 5)}
    stream = local_port(SHELF, service, "test").jars()
    await anext(stream)
    assert service.open_streams == 1
    await stream.aclose()
    assert service.open_streams == 0


async def test_calls_errors_and_latency_are_tallied() -> None:
    meter, service = Meter(), Shelved()
    service.kept["plums"] = Jar(name="plums")
    ports = [local_port(SHELF, service, caller, meter) for caller in ("query", "automation")]
    for port in ports:
        await port.jar("plums")
        with pytest.raises(NoJar):
            await port.jar("pears")
        [jar async for jar in port.jars()]
    found = {one.operation: one for one in meter.snapshot() if one.calls}
    jar, jars = found["sample/Shelf/jar"], found["sample/Shelf/jars"]
    assert (jar.calls, jar.route, jar.failures) == (4, "local", {"kernel.NoJar": 2})
    assert (jars.calls, sum(jars.buckets)) == (2, 2)
    assert len(jar.buckets) == len(BOUNDS_SECONDS) + 1
    assert 0 < jar.seconds < 1
