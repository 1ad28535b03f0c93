"""What a caller may rely on wherever the service runs: here, through bytes, over TCP, in a second process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from time import monotonic
from typing import Any

import pytest

from kernel.errors import Busy, Conflict, Invalid, Late, NotFound, Undeclared
from kernel.facade import Principal, calling
from kernel.testing.sample import SHELF, Branch, Colour, Jar, JarId, Leaf, Mixed, NoJar, Shelved
from kernel.testing.transports import TRANSPORTS, reach


@pytest.fixture(params=TRANSPORTS)
async def shelf(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    async with reach(request.param, SHELF, Shelved, caller="kitchen") as port:
        yield port


async def test_answers_with_the_value(shelf: Any) -> None:
    assert await shelf.put(Jar(name="plums", full=0.5, colour=Colour.GREEN)) == 1
    assert await shelf.jar("plums") == Jar(name="plums", full=0.5, colour=Colour.GREEN)
    assert await shelf.jar(name="plums") == await shelf.take("plums")


async def test_carries_every_kind_of_value(shelf: Any) -> None:
    tree = Branch(parts=(Leaf(number=1), Branch(parts=(Leaf(number=2**70),))))
    value = Mixed(tree=tree, id=JarId("x"), scalar=1.5, blob=b"\x00\xff", pair=("b", 0.1), limit=9)
    assert await shelf.reflect(value, again=2) == (value, value)


async def test_uses_the_defaults_of_the_method(shelf: Any) -> None:
    value = Mixed(tree=Leaf(number=1), id=JarId("x"))
    assert await shelf.reflect(value) == (value,)


async def test_a_declared_error_keeps_its_type_and_fields(shelf: Any) -> None:
    await shelf.put(Jar(name="plums"))
    with pytest.raises(NoJar) as met:
        await shelf.jar("pears")
    assert (met.value.name, met.value.near, str(met.value)) == ("pears", ("plums",), "there is no jar 'pears'")
    assert met.value.since is not None
    assert met.value.since.year == 2026
    assert met.value.ran == "yes"


@pytest.mark.parametrize(
    ("how", "kind", "ran", "sentence"),
    [
        ("busy", Busy, "no", "the shelf is full; try again in 2.5 s"),
        ("conflict", Conflict, "no", "the jar is open"),
        ("missing", NotFound, "no", "there is no lid 'blue'"),
        ("bug", Undeclared, "yes", "sample/Shelf/fail failed with an undeclared ZeroDivisionError"),
        ("unlisted", Undeclared, "yes", "sample/Shelf/fail failed with an undeclared Unlisted"),
    ],
)
async def test_a_failure_says_what_and_whether_it_ran(shelf: Any, how: str, kind: Any, ran: str, sentence: str) -> None:
    with pytest.raises(kind) as met:
        await shelf.fail(how)
    assert type(met.value) is kind
    assert met.value.ran == ran
    assert str(met.value).startswith(sentence)


async def test_streams_in_order_to_the_end(shelf: Any) -> None:
    for name in ("plums", "pears", "quinces"):
        await shelf.put(Jar(name=name))
    assert [jar.name async for jar in shelf.jars("p")] == ["plums", "pears"]
    assert [jar async for jar in shelf.jars("x")] == []


async def test_a_stream_that_fails_gives_its_items_first(shelf: Any) -> None:
    await shelf.put(Jar(name="plums"))
    jars = shelf.jars("bad")
    assert (await anext(jars)).name == "plums"
    with pytest.raises(NoJar):
        await anext(jars)


async def test_a_stream_may_be_left_early(shelf: Any) -> None:
    for number in range(50):
        await shelf.put(Jar(name=f"jar {number}"))
    async with aclosing(shelf.jars("slow")) as jars:
        assert (await anext(jars)).name == "jar 0"
    assert (await shelf.jar("jar 1")).name == "jar 1"


async def test_a_late_call_ends_at_its_deadline(shelf: Any) -> None:
    began = monotonic()
    with pytest.raises(Late) as met, calling(seconds=0.2):
        await shelf.fail("sleep")
    assert monotonic() - began < 1.5
    assert met.value.ran == "unknown"


async def test_a_call_after_its_deadline_does_not_begin(shelf: Any) -> None:
    with pytest.raises(Late) as met, calling(seconds=-1):
        await shelf.put(Jar(name="plums"))
    assert met.value.ran == "no"
    with pytest.raises(NoJar):
        await shelf.jar("plums")


async def test_a_stream_ends_at_its_deadline(shelf: Any) -> None:
    for number in range(200):
        await shelf.put(Jar(name=f"jar {number}"))
    with pytest.raises(Late), calling(seconds=0.3):
        [jar async for jar in shelf.jars("slow")]


async def test_the_key_is_received_and_not_inherited(shelf: Any) -> None:
    with calling(key="once-1"):
        seen = await shelf.seen()
    assert (seen.key, seen.caller) == (None, "kitchen")


async def test_a_stream_belongs_to_the_call_that_opened_it(shelf: Any) -> None:
    for number in range(100):
        await shelf.put(Jar(name=f"jar {number}"))
    with calling(seconds=0.2):
        stream = shelf.jars("slow")
    await asyncio.create_task(anext(stream))
    with pytest.raises(Late):
        [jar async for jar in stream]


async def test_the_trace_goes_with_the_call(shelf: Any) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    with calling(trace_id=trace):
        assert (await shelf.seen()).trace_id == trace


async def test_the_deadline_goes_with_the_call(shelf: Any) -> None:
    with calling(seconds=5):
        assert (await shelf.seen()).has_deadline


async def test_calls_do_not_mix_their_contexts(shelf: Any) -> None:
    async def one(number: int) -> bool:
        trace = f"{number + 1:032x}"
        with calling(trace_id=trace):
            return (await shelf.seen()).trace_id == trace

    assert all(await asyncio.gather(*(one(number) for number in range(40))))


@pytest.mark.parametrize("arguments", [((), {}), (("a", "b"), {}), (("a",), {"name": "a"}), ((), {"nome": "a"})])
async def test_wrong_arguments_are_a_type_error(shelf: Any, arguments: Any) -> None:
    args, kwargs = arguments
    with pytest.raises(TypeError):
        await shelf.jar(*args, **kwargs)


async def test_a_value_outside_its_limits_is_refused_before_the_call(shelf: Any) -> None:
    with pytest.raises(Invalid, match=r"Jar.full: at most 1.0, not 1.5"):
        await shelf.put(Jar(name="plums", full=1.5))


async def test_whom_it_asks_for_is_only_believed_from_an_admin(shelf: Any) -> None:
    with calling(principal=Principal(name="Zoë", role="viewer")):
        seen = await shelf.seen()
    assert seen.principal in ("Zoë", None)  # None: no door stands before these servers, so nobody is an admin.
