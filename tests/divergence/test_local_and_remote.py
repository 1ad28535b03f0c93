"""Where a local call and a remote one differ, pinned with the reason. What is not here must not differ.

The strict port stands for a remote one where no network is needed. A new difference is either mended or written down
here; a test that turns red because a difference went away is good news.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kernel.errors import Invalid, Lost, Undeclared
from kernel.facade import current
from kernel.facade.client import RemoteHouse
from kernel.facade.local import local_port
from kernel.facade.strict import strict_port
from kernel.testing.sample import SHELF, Branch, Jar, JarId, Leaf, Mixed, Shelved
from kernel.testing.served import rpc_app, serving


class Noting(Shelved):
    """Keeps what came in, as it came."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []

    async def put(self, jar: Jar) -> int:
        self.got.append(jar)
        self.received = current().received
        return await super().put(jar)

    async def reflect(self, value: Mixed, again: int = 1) -> tuple[Mixed, ...]:
        self.got.append(value)
        return (value,) * again


@pytest.fixture
def sides() -> Any:
    service = Noting()
    return SimpleNamespace(
        service=service, local=local_port(SHELF, service, "test"), remote=strict_port(SHELF, service, "test")
    )


@pytest.fixture
async def far() -> AsyncIterator[Any]:
    service = Noting()
    async with serving(rpc_app([(SHELF, service)])) as url:
        house = RemoteHouse(url, None)
        yield SimpleNamespace(service=service, port=house.port(SHELF, "test"))
        await house.close()


async def test_a_wrong_python_type_passes_locally_only(sides: Any) -> None:
    """To check the types of arguments would cost more than the local call itself; mypy does it for nothing."""
    wrong: Any = Jar(name="plums", colour="mauve")  # type: ignore[arg-type]
    assert await sides.local.put(wrong) == 1
    with pytest.raises(Invalid, match="colour"):
        await sides.remote.put(wrong)


async def test_a_list_stays_a_list_locally_and_becomes_a_tuple_remotely(sides: Any) -> None:
    """The same reason. A list handed over locally is shared: its owner can change it under the service's hands."""
    value = Mixed(tree=Branch(parts=[Leaf(number=1)]), id=JarId("x"))  # type: ignore[arg-type]
    await sides.local.reflect(value)
    await sides.remote.reflect(value)
    assert [type(got.tree.parts) for got in sides.service.got] == [list, tuple]


async def test_an_int_given_for_a_float_stays_an_int_locally(sides: Any) -> None:
    """JSON has one kind of number, and the decoder makes of it what the type says. The two are equal."""
    await sides.local.put(Jar(name="plums", full=1))
    await sides.remote.put(Jar(name="plums", full=1))
    here, there = sides.service.got
    assert (type(here.full), type(there.full)) == (int, float)
    assert here == there


async def test_a_subclass_arrives_as_itself_locally_and_as_its_parent_remotely(sides: Any) -> None:
    """Bytes carry what the facade's type has. Another class on the wire needs a tagged union."""

    class Labelled(Jar, frozen=True, kw_only=True):
        label: str = "mine"

    await sides.local.put(Labelled(name="plums"))
    await sides.remote.put(Labelled(name="plums"))
    assert [type(got) for got in sides.service.got] == [Labelled, Jar]


async def test_a_value_is_the_same_object_locally_and_an_equal_one_remotely(sides: Any) -> None:
    """A local call copies nothing, hence its microsecond. Values are frozen: nobody can tell but by `is`."""
    jar = Jar(name="plums")
    await sides.local.put(jar)
    await sides.remote.put(jar)
    here, there = sides.service.got
    assert here is jar
    assert there is not jar
    assert there == jar


async def test_a_service_that_answers_the_wrong_type_is_caught_remotely_only(sides: Any) -> None:
    """The same reason as for arguments. The suites of modules run on the strict port, too, where it is caught."""
    assert await sides.local.fail("lie") == "no None"
    with pytest.raises(Lost, match="the answer does not fit the facade"):
        await sides.remote.fail("lie")


async def test_text_that_is_no_unicode_passes_locally_only(sides: Any) -> None:
    """JSON is UTF-8 and has no place for half a surrogate pair. To look through each text is not worth it."""
    assert await sides.local.put(Jar(name="\ud800")) == 1
    with pytest.raises(Invalid, match="a value that JSON can hold"):
        await sides.remote.put(Jar(name="\ud800"))


async def test_a_value_thousands_deep_passes_locally_only(sides: Any) -> None:
    """Encoder and decoder refuse what would exhaust the stack. No honest rule is that deep."""
    tree: Any = Leaf(number=1)
    for _ in range(20_000):
        tree = Branch(parts=(tree,))
    value = Mixed(tree=tree, id=JarId("x"))
    await sides.local.reflect(value)
    with pytest.raises(Invalid):
        await sides.remote.reflect(value)
    while isinstance(tree, Branch):  # Taken apart from the top: freeing it whole would recurse as deep.
        (tree,) = tree.parts


async def test_a_time_keeps_its_zone_locally_and_only_its_offset_remotely(sides: Any) -> None:
    """RFC 3339 has offsets, no zones. The instant is the same; whoever needs the zone passes its name in a field."""
    berlin = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    await sides.local.put(Jar(name="plums", filled_at=berlin))
    await sides.remote.put(Jar(name="plums", filled_at=berlin))
    here, there = (got.filled_at for got in sides.service.got)
    assert here.tzinfo is berlin.tzinfo
    assert str(there.tzinfo) == "UTC+02:00"
    assert here == there


async def test_an_hour_that_comes_twice_is_unequal_to_itself_after_the_wire(sides: Any) -> None:
    """Python holds a zoned time in the doubled hour unequal to all of other zones. Values hold UTC: no such."""
    doubled = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    await sides.local.put(Jar(name="plums", filled_at=doubled))
    await sides.remote.put(Jar(name="plums", filled_at=doubled))
    here, there = (got.filled_at for got in sides.service.got)
    assert here.timestamp() == there.timestamp()
    assert here != there


async def test_the_cause_of_a_bug_is_at_hand_locally_and_in_the_peers_log_remotely(far: Any) -> None:
    """Neither its text nor its traceback cross: they are the peer's, and may hold what is not the caller's to read."""
    with pytest.raises(Undeclared) as here:
        await local_port(SHELF, Shelved(), "test").fail("bug")
    with pytest.raises(Undeclared) as there:
        await far.port.fail("bug")
    assert isinstance(here.value.__cause__, ZeroDivisionError)
    assert there.value.__cause__ is None
    assert (here.value.kind, here.value.detail) == ("ZeroDivisionError", "by nought")
    assert (there.value.kind, there.value.detail) == ("ZeroDivisionError", "")


async def test_a_remote_call_has_a_deadline_even_if_nobody_set_one(far: Any) -> None:
    """A process that never answers would hold its caller for ever; a local service stops when we do."""
    assert not (await local_port(SHELF, Shelved(), "test").seen()).has_deadline
    assert (await far.port.seen()).has_deadline


async def test_a_remote_idempotent_write_has_a_key_even_if_nobody_set_one(far: Any) -> None:
    """So that it may be sent again when its reply is lost. A local reply cannot be lost."""
    await far.port.put(Jar(name="plums"))
    assert far.service.received is not None
    local = Noting()
    await local_port(SHELF, local, "test").put(Jar(name="plums"))
    assert local.received is None


async def test_a_remote_call_that_is_cancelled_may_go_on_at_the_other_side(far: Any) -> None:
    """HTTP has no word for it: the connection is closed, and the service runs on to its end or its deadline."""
    service = Shelved()
    ended: list[str] = []

    async def watched(how: str) -> None:
        try:
            await asyncio.sleep(0.2)
            ended.append("to its end")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    service.fail = watched  # type: ignore[method-assign]
    far.service.fail = watched
    async with serving(rpc_app([(SHELF, far.service)])) as url:
        house = RemoteHouse(url, None)
        for side in (local_port(SHELF, service, "test"), house.port(SHELF, "test")):
            task = asyncio.create_task(side.fail("sleep"))
            await asyncio.sleep(0.1)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(0.2)
        await house.close()
    assert ended == ["cancelled", "to its end"]
