"""The kit itself: fakes refuse what does not fit, the weather is the same for the same seed, a crowd tells all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given

from kernel.errors import Busy, Cut, Lost, Unreachable
from kernel.facade import current
from kernel.facade.local import local_port
from kernel.testing.fakes import Fake, Unfit
from kernel.testing.faults import Weather, faulty_port
from kernel.testing.sample import SHELF, Jar, Mixed, NoJar, Shelved, Unlisted
from kernel.testing.scenarios import crowd, eventually
from kernel.testing.values import requests_of, values_of


async def test_a_fake_answers_as_scripted_and_remembers() -> None:
    fake = Fake(SHELF)
    fake.will("jar", [Jar(name="first"), Jar(name="second")]).will("jars", (Jar(name="third"),))
    fake.will("put", lambda jar: len(jar.name)).will("take", NoJar(name="plums"))
    names = [(await fake.port.jar(name)).name for name in "abc"]
    assert names == ["first", "second", "second"]
    assert [jar.name async for jar in fake.port.jars()] == ["third"]
    assert await fake.port.put(Jar(name="four")) == 4
    with pytest.raises(NoJar):
        await fake.port.take("plums")
    assert fake.calls[0] == ("jar", {"name": "a"})
    assert fake.calls[-1] == ("take", {"name": "plums"})


@pytest.mark.parametrize(
    ("operation", "answer", "why"),
    [
        ("jar", "plums", "Expected `object`, got `str`"),
        ("put", 1.5, "Expected `int`, got `float`"),
        ("jars", ("plums",), "Expected `object`, got `str`"),
        ("take", Unlisted(), "sample/Shelf/take does not declare Unlisted"),
        ("juggle", None, "sample/Shelf has no juggle: it has jar, put"),
    ],
)
def test_a_fake_refuses_a_script_that_does_not_fit(operation: str, answer: Any, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        Fake(SHELF).will(operation, answer)


async def test_a_fake_refuses_a_call_that_does_not_fit() -> None:
    fake = Fake(SHELF).will("jar", Jar(name="plums"))
    with pytest.raises(Unfit, match="Expected `str`, got `int`"):
        await fake.port.jar(5)
    with pytest.raises(TypeError):
        await fake.port.jar()
    with pytest.raises(Unfit, match="nothing was scripted for sample/Shelf/seen"):
        await fake.port.seen()


async def test_a_fake_may_refuse_as_any_service_may() -> None:
    fake = Fake(SHELF).will("put", Busy(what="full", retry_after_seconds=1.0))
    with pytest.raises(Busy):
        await fake.port.put(Jar(name="plums"))


async def stormy(seed: int) -> list[str]:
    service = Shelved()
    weather = Weather(refused=0.2, lost=0.2, duplicate=0.3, cut=0.5)
    port = faulty_port(SHELF, local_port(SHELF, service, "test"), weather, seed)
    for number in range(30):
        try:
            await port.put(Jar(name=f"jar {number % 5}"))
            [jar async for jar in port.jars()]
        except (Unreachable, Lost, Cut):
            pass
    return list(port.happened)


async def test_the_weather_is_the_same_for_the_same_seed() -> None:
    first, second, other = await stormy(1), await stormy(1), await stormy(2)
    assert first == second != other
    assert {event.split(": ")[1] for event in first} == {"refused", "lost", "duplicate", "cut"}


async def test_a_lost_reply_had_its_effect_and_a_refused_call_had_none() -> None:
    service = Shelved()
    local = local_port(SHELF, service, "test")
    with pytest.raises(Unreachable):
        await faulty_port(SHELF, local, Weather(refused=1.0), 1).put(Jar(name="plums"))
    assert service.kept == {}
    with pytest.raises(Lost):
        await faulty_port(SHELF, local, Weather(lost=1.0), 1).put(Jar(name="plums"))
    assert list(service.kept) == ["plums"]


async def test_a_duplicate_comes_under_the_same_key_and_only_where_allowed() -> None:
    class Keyed(Shelved):
        keys: list[str | None] = []

        async def put(self, jar: Jar) -> int:
            self.keys.append(current().received)
            return await super().put(jar)

    service = Keyed()
    port = faulty_port(SHELF, local_port(SHELF, service, "test"), Weather(duplicate=1.0), 1)
    await port.put(Jar(name="plums"))
    first, second = service.keys
    assert first == second is not None
    await port.take("plums")
    assert service.calls.count("take") == 1


async def test_a_crowd_tells_every_failure() -> None:
    calls = 0

    async def call(number: int) -> None:
        nonlocal calls
        calls += 1
        if number == 1:
            raise Busy(what="full", retry_after_seconds=1.0)

    async with crowd(3, call) as met:
        await asyncio.sleep(0.02)
    assert met.answered + len(met.failed) == calls
    assert met.failed
    assert met.answered > len(met.failed)


async def test_waiting_ends_with_what_did_not_happen() -> None:
    assert await eventually(lambda: 7) == 7
    with pytest.raises(AssertionError, match=r"the bell did not happen within 0\.05 s"):
        await eventually(lambda: False, seconds=0.05, what="the bell")


@given(values_of(Mixed))
def test_made_up_values_are_inside_their_limits(value: Mixed) -> None:
    assert value.limit is None or 1 <= value.limit <= 9
    assert value.pair[0] in ("a", "b")
    assert value.pair[1] > 0


@pytest.mark.parametrize("operation", SHELF.operations, ids=lambda operation: operation.name)
def test_requests_can_be_made_up_for_every_operation(operation: Any) -> None:
    @given(requests_of(operation))
    def made(request: Any) -> None:
        assert isinstance(request, operation.request)

    made()
