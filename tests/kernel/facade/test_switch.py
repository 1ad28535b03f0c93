"""The switch: changed while calls are under way, with evidence, with a history, and without a failed call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from kernel.errors import Conflict, Invalid, NotConfigured, NotFound, Unreachable
from kernel.facade.client import RemoteHouse
from kernel.facade.meter import Meter
from kernel.facade.switch import Switch, SwitchRecord
from kernel.testing.sample import SHELF, Jar, Shelf, Shelved
from kernel.testing.scenarios import crowd, eventually
from kernel.testing.served import rpc_app, serving


class Ledger:
    """A store of records in memory: what the kernel's table is in a house."""

    def __init__(self) -> None:
        self.records: list[SwitchRecord] = []
        self.slow: dict[str, float] = {}

    async def load(self, facade: str) -> Sequence[SwitchRecord]:
        return [record for record in self.records if record.facade == facade]

    async def append(self, record: SwitchRecord) -> None:
        self.records.append(record)
        await asyncio.sleep(self.slow.get(record.state, 0))


def jar_of(name: str) -> Shelved:
    service = Shelved()
    service.kept["whose"] = Jar(name=name)
    return service


@pytest.fixture
async def house() -> AsyncIterator[Any]:
    """A service here, another of the same facade behind a socket, and the switch between them."""
    here, there, ledger, meter = jar_of("here"), jar_of("there"), Ledger(), Meter()
    async with serving(rpc_app([(SHELF, there)])) as url:
        remote = RemoteHouse(url, None, attempts=2)

        def switch(service: Shelf | None = here) -> Switch:
            clock = lambda: datetime.now(UTC)  # noqa: E731
            return Switch(SHELF, service, store=ledger, peer=lambda url: remote, clock=clock, meter=meter)

        yield SimpleNamespace(here=here, there=there, ledger=ledger, meter=meter, url=url, make=switch, remote=remote)
        await remote.close()


async def whose(port: Any) -> str:
    return str((await port.jar("whose")).name)


async def to_remote(switch: Switch, url: str, **more: Any) -> SwitchRecord:
    return await switch.flip("remote", peer_url=url, by="eva", reason="a try", **more)


async def to_local(switch: Switch, **more: Any) -> SwitchRecord:
    return await switch.flip("local", by="eva", reason="back", **more)


async def test_a_port_follows_its_switch(house: Any) -> None:
    switch = house.make()
    port = switch.port("query")
    assert await whose(port) == "here"
    await to_remote(switch, house.url)
    assert await whose(port) == "there"
    await to_local(switch)
    assert await whose(port) == "here"
    assert switch.port("query") is port


async def test_one_operation_can_go_its_own_way(house: Any) -> None:
    switch = house.make()
    port = switch.port("query")
    await to_remote(switch, house.url, operation="jars")
    assert await whose(port) == "here"
    assert [jar.name async for jar in port.jars()] == ["there"]
    await to_remote(switch, house.url)
    await to_local(switch, operation="jars")
    assert await whose(port) == "there"
    assert [jar.name async for jar in port.jars()] == ["here"]
    await to_local(switch)
    assert [record.state for record in switch.records()] == ["local"]


async def test_says_who_changed_it_when_and_why(house: Any) -> None:
    switch = house.make()
    record = await to_remote(switch, house.url + "/")
    assert record == SwitchRecord(
        facade="sample/Shelf",
        state="remote",
        peer_url=house.url,
        changed_at=record.changed_at,
        changed_by="eva",
        reason="a try",
    )
    await to_local(switch)
    assert [record.state for record in await switch.history()] == ["remote", "local"]


async def test_takes_up_its_history_after_a_restart(house: Any) -> None:
    before = house.make()
    await to_remote(before, house.url)
    await to_local(before, operation="take")
    after = house.make()
    port = after.port("query")
    await after.load()
    assert await whose(port) == "there"
    assert (await port.take("whose")).name == "here"


async def test_a_peer_that_does_not_answer_is_no_place_to_go(house: Any) -> None:
    await house.remote.close()
    switch = house.make()
    with pytest.raises(Unreachable):
        await to_remote(switch, house.url)
    assert await whose(switch.port("query")) == "here"
    assert house.ledger.records == []


async def test_a_peer_with_another_contract_is_no_place_to_go(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.facade.switch.contract_hash", lambda facade: "0" * 64)
    switch = house.make()
    with pytest.raises(Conflict, match=r"has another contract .*: run the same version in both processes"):
        await to_remote(switch, house.url)
    assert house.ledger.records == []


async def test_a_peer_without_the_facade_is_no_place_to_go(house: Any) -> None:
    async with serving(rpc_app([])) as url:
        elsewhere = RemoteHouse(url, None)
        switch = Switch(
            SHELF, house.here, store=house.ledger, peer=lambda _: elsewhere, clock=lambda: datetime.now(UTC)
        )
        with pytest.raises(NotConfigured, match="the process there does not serve it"):
            await to_remote(switch, url)
        await elsewhere.close()


async def test_remote_needs_a_url_and_a_state_needs_a_name(house: Any) -> None:
    switch = house.make()
    with pytest.raises(Conflict, match="without the URL"):
        await switch.flip("remote", by="eva", reason="")
    with pytest.raises(Conflict, match="cannot go from local to shadow: it may go to local, remote"):
        await switch.flip("shadow", by="eva", reason="")
    with pytest.raises(NotFound, match="there is no operation of sample/Shelf 'juggle'"):
        await to_local(switch, operation="juggle")


async def test_without_a_service_calls_are_refused_until_there_is_a_peer(house: Any) -> None:
    switch = house.make(None)
    port = switch.port("query")
    with pytest.raises(NotConfigured, match="point its switch to a process"):
        await port.jar("whose")
    with pytest.raises(NotConfigured):
        [jar async for jar in port.jars()]
    with pytest.raises(Conflict, match="it cannot be local here"):
        await to_local(switch)
    await to_remote(switch, house.url)
    assert await whose(port) == "there"


async def test_flips_at_the_same_time_happen_one_after_the_other(house: Any) -> None:
    switch = house.make()
    port = switch.port("query")
    house.ledger.slow = {"remote": 0.05}
    slow = asyncio.create_task(to_remote(switch, house.url))
    await eventually(lambda: house.ledger.records)
    quick = await to_local(switch)
    await slow
    assert house.ledger.records[-1] == quick
    assert switch.records() == (quick,)
    assert await whose(port) == "here"


async def test_a_stream_ends_where_it_began(house: Any) -> None:
    for number in range(20):
        house.here.kept[f"jar {number}"] = Jar(name=f"here {number}")
    switch = house.make()
    port = switch.port("query")
    jars = port.jars("slow")
    names = [(await anext(jars)).name]
    await to_remote(switch, house.url)
    names += [jar.name async for jar in jars]
    assert len(names) == 21
    assert all(name.startswith("here") for name in names)


@pytest.mark.slow
async def test_ten_thousand_flips_fail_no_call(house: Any) -> None:
    switch = house.make()
    port = switch.port("query")
    answers, heard_here = {"here": 0, "there": 0}, asyncio.Event()

    async def call(number: int) -> None:
        names = [jar.name async for jar in port.jars()] if number == 0 else [await whose(port)]
        assert len(names) == 1
        answers[names[0]] += 1
        if names == ["here"]:
            heard_here.set()

    async with crowd(8, call) as met:
        for flip in range(5_000):
            await to_remote(switch, house.url)
            await asyncio.sleep(0)
            await to_local(switch)
            if flip % 10 == 0:
                heard_here.clear()
                await heard_here.wait()
    assert met.failed == []
    assert len(house.ledger.records) == 10_000
    assert met.answered > 1_000
    assert min(answers.values()) > 400
    assert sum(one.calls for one in house.meter.snapshot()) == met.answered
    assert all(one.failures == {} for one in house.meter.snapshot())


@pytest.mark.parametrize(
    "text", ["garbage", "http://", "ftp://x", "127.0.0.1:8020", "http://[::1", "http://x:port", "http://a b"]
)
async def test_what_is_no_address_is_refused_as_such(house: Any, text: str) -> None:
    with pytest.raises(Invalid, match=r"an http address such as http://127\.0\.0\.1:8020") as refused:
        await to_remote(house.make(), text)
    assert (refused.value.where, refused.value.ran) == ("peer_url", "no")
    assert house.ledger.records == []
