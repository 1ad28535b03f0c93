"""A contract is written down byte for byte, and a change of it is judged by whom it breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Protocol

import msgspec
import pytest
from msgspec import Meta

from kernel.errors import Declared, Invalid
from kernel.facade import Instant, Raises, Value, checked, read, write
from kernel.facade.codec import decode
from kernel.facade.contract import (
    compare_contracts,
    contract_hash,
    contract_of,
    events_in,
    release_contracts,
    sample_of,
    verdict,
    write_contracts,
)
from kernel.facade.contract.samples import sample_value
from kernel.facade.dispatch import read_error
from kernel.facade.event import Event
from kernel.facade.operation import Facade
from kernel.testing.sample import SHELF

Fields = dict[str, Any]
NOTHING = type(None)


def value(name: str, fields: Fields, tag: str | None = None) -> Any:
    """A Value class; a field is a type, or a pair of type and default."""
    listed = [(key, *kind) if isinstance(kind, tuple) else (key, kind) for key, kind in fields.items()]
    return msgspec.defstruct(name, listed, bases=(Value,), frozen=True, kw_only=True, tag=tag, module=__name__)


def facade(
    params: Fields | None = None,
    result: Any = NOTHING,
    raises: Raises = (),
    mark: Callable[[Any], Any] = read,
    name: str = "replay",
    streams: bool = False,
) -> Facade:
    """A facade `Replay` with one operation that takes one Value `question` and gives `result`."""
    question = value("Question", params or {})

    async def one(self: Any, question: Any) -> Any:
        """Said."""

    def many(self: Any, question: Any) -> Any:
        """Said."""

    method: Any = many if streams else one
    method.__name__ = name
    method.__annotations__ = {"question": question, "return": AsyncIterator[result] if streams else result}
    body = {name: mark(method), "raises": raises, "__module__": __name__}
    (made,) = checked("m", type(Protocol)("Replay", (Protocol,), body))
    return made


def judged(old: Facade, new: Facade) -> list[str]:
    before, after = (msgspec.json.decode(msgspec.json.encode(contract_of([one]))) for one in (old, new))
    assert verdict(before, before) == ()
    return [str(change) for change in verdict(before, after)]


def error(**fields: Any) -> type[Declared]:
    return type("TooShort", (Declared,), {"__annotations__": fields, "__module__": "modules.m.errors"})


Limited = Annotated[int, Meta(ge=0, le=9)]
Card = {"rate": int, "hits": int}
LEAF, TWIG = value("Leaf", {"n": int}, "leaf"), value("Twig", {"n": int}, "twig")


@pytest.mark.parametrize(
    ("old", "new", "as_result", "as_parameter"),
    [
        ({"rate": int, "hits": int}, {"hits": int}, "removed: breaks readers", "removed: breaks callers"),
        ({}, {"rate": int}, "added, required", "added, required: breaks callers"),
        ({}, {"rate": (int, 1)}, "added", "added"),
        ({"rate": int}, {"rate": (int, 1)}, "now optional", "now optional"),
        ({"rate": (int, 1)}, {"rate": int}, "now required", "now required: breaks callers"),
        ({"rate": (int, 1)}, {"rate": (int, 2)}, "has the default 2, was 1", "has the default 2, was 1"),
        (
            {"rate": int},
            {"rate": str},
            "retyped from int to str: breaks readers",
            "retyped from int to str: breaks callers",
        ),
        ({"rate": int}, {"rate": float}, "retyped from int to float: breaks readers", "retyped from int to float"),
        ({"rate": float}, {"rate": int}, "retyped from float to int", "retyped from float to int: breaks callers"),
        (
            {"rate": Literal["a"]},
            {"rate": str},
            "retyped from literal to str: breaks readers",
            "retyped from literal to str",
        ),
        ({"rate": int}, {"rate": int | None}, "may be null now: breaks readers", "may be null now"),
        ({"rate": int | None}, {"rate": int}, "may not be null any more", "may not be null any more: breaks callers"),
        ({"rate": Literal["a"]}, {"rate": Literal["a", "b"]}, "may be 'b' now: breaks readers", "may be 'b' now"),
        (
            {"rate": Literal["a", "b"]},
            {"rate": Literal["a"]},
            "may not be 'b' any more",
            "may not be 'b' any more: breaks callers",
        ),
        (
            {"rate": LEAF},
            {"rate": LEAF | TWIG},
            "may be a struct tagged 'twig' now: breaks readers",
            "may be a struct tagged 'twig' now",
        ),
        (
            {"rate": LEAF | TWIG},
            {"rate": LEAF},
            "may not be a struct tagged 'twig' any more",
            "may not be a struct tagged 'twig' any more: breaks callers",
        ),
        (
            {"rate": Limited},
            {"rate": Annotated[int, Meta(ge=0, le=5)]},
            "has the limit le 5, was 9",
            "has the limit le 5, was 9: breaks callers",
        ),
        (
            {"rate": Limited},
            {"rate": Annotated[int, Meta(ge=-1, le=9)]},
            "has the limit ge -1, was 0: breaks readers",
            "has the limit ge -1, was 0",
        ),
        (
            {"rate": Annotated[str, Meta(pattern="a")]},
            {"rate": Annotated[str, Meta(pattern="b")]},
            "has the limit pattern b, was a: breaks readers",
            "has the limit pattern b, was a: breaks callers",
        ),
        (
            {"rate": int},
            {"rate": Annotated[int, Meta(ge=0)]},
            "has the limit ge 0",
            "has the limit ge 0: breaks callers",
        ),
        (
            {"rate": Annotated[int, Meta(ge=0)]},
            {"rate": int},
            "has no limit ge 0 any more: breaks readers",
            "has no limit ge 0 any more",
        ),
        (
            {"rate": tuple[int, int]},
            {"rate": tuple[int, int, int]},
            "retyped from a tuple of 2 to a tuple of 3: breaks readers",
            "retyped from a tuple of 2 to a tuple of 3: breaks callers",
        ),
    ],
)
def test_judges_a_field_by_the_direction_it_goes(old: Fields, new: Fields, as_result: str, as_parameter: str) -> None:
    results = judged(facade(result=value("Card", old)), facade(result=value("Card", new)))
    assert results == [f"replay: result field `rate` {as_result}"]
    parameters = judged(facade(params=old), facade(params=new))
    assert parameters == [f"replay: parameter `question.rate` {as_parameter}"]


def test_looks_into_tuples_and_structs_once_each() -> None:
    def tree(extra: Fields) -> Any:
        return value("Tree", {"cards": tuple[value("Card", {"hits": int, **extra}), ...]})  # type: ignore[misc]

    changes = judged(facade(result=tree({"rate": int})), facade(result=tree({})))
    assert changes == ["replay: result field `cards[].rate` removed: breaks readers"]


def test_judges_what_happens_to_operations() -> None:
    def changes(old: Facade, new: Facade) -> list[str]:
        return judged(old, new)

    assert changes(facade(name="replay"), facade(name="rerun")) == [
        "replay: operation removed: breaks callers",
        "rerun: operation added",
    ]
    assert changes(facade(mark=read), facade(mark=write())) == [
        "replay: effect changed from read to write: breaks callers"
    ]
    assert changes(facade(mark=write()), facade(mark=read)) == ["replay: effect changed from write to read"]
    assert changes(facade(mark=write(idempotent=True)), facade(mark=write())) == [
        "replay: may not be repeated any more: breaks callers"
    ]
    assert changes(facade(mark=write()), facade(mark=write(idempotent=True))) == [
        "replay: may be repeated with a key now"
    ]
    assert changes(facade(result=int), facade(result=int, streams=True)) == ["replay: now a stream: breaks readers"]


def test_judges_errors() -> None:
    short, long = error(days=int), error(days=int, needed=int)
    assert judged(facade(), facade(raises=(short,))) == ["replay: error `m.TooShort` added: breaks readers"]
    assert judged(facade(raises=(short,)), facade()) == ["replay: error `m.TooShort` not raised any more"]
    assert judged(facade(raises=(long,)), facade(raises=(short,))) == [
        "m.TooShort: error field `needed` removed: breaks readers"
    ]


def test_a_tagged_struct_may_not_change_its_tag() -> None:
    old, new = value("Leaf", {"n": int}, "leaf"), value("Leaf", {"n": int}, "blade")
    changes = judged(facade(result=old), facade(result=new))
    assert changes == ["replay: result retyped from a struct tagged 'leaf' to a struct tagged 'blade': breaks readers"]


class Rang(Event, frozen=True, kw_only=True):
    module: ClassVar[str] = "m"
    door: str


class Knocked(Rang, frozen=True, kw_only=True):
    times: int


def test_an_event_is_a_result() -> None:
    older = {**contract_of([], [Knocked]), "events": {"Knocked": {**contract_of([], [Knocked])["events"]["Knocked"]}}}
    newer = contract_of([], [Knocked])
    older["events"]["Knocked"]["loud"] = {"type": "bool", "required": True}
    assert [str(change) for change in verdict(older, newer)] == ["Knocked: event field `loud` removed: breaks readers"]
    assert [str(c) for c in verdict(newer, contract_of([], []))] == ["Knocked: event removed: breaks readers"]


def test_finds_the_events_that_are_no_mere_parents() -> None:
    module = ModuleType("events")
    module.__dict__.update(Rang=Rang, Knocked=Knocked, Event=Event, Instant=Instant)
    module.__name__ = __name__
    assert events_in(module) == (Knocked,)


def test_the_same_facade_has_the_same_hash_and_another_has_another() -> None:
    assert contract_hash(facade(result=value("Card", Card))) == contract_hash(facade(result=value("Card", Card)))
    assert contract_hash(facade(result=value("Card", Card))) != contract_hash(
        facade(result=value("Card", {"hits": int}))
    )


@pytest.mark.parametrize("operation", [pytest.param(one, id=one.name) for one in SHELF.operations])
def test_samples_are_what_goes_over_the_wire(operation: Any) -> None:
    sample = sample_of(operation)
    assert sample == sample_of(operation)
    decode(msgspec.json.encode(sample["request"]), operation.request)
    for reply in sample.get("items", [sample.get("reply")]):
        decode(msgspec.json.encode(reply), operation.result)
    for name, body in sample["errors"].items():
        fault = read_error(operation, msgspec.json.encode(body))
        assert fault is not None
        assert (name, type(fault)) == ("kernel.NoJar", operation.raises[0])


@pytest.mark.parametrize(
    "limits",
    [{"gt": 5}, {"ge": 7}, {"lt": -3}, {"le": 0}, {"ge": 3, "le": 3}, {"gt": 0, "lt": 2}, {"ge": -5, "le": -4}],
)
@pytest.mark.parametrize("kind", [int, float])
def test_sample_numbers_are_inside_their_limits(kind: type, limits: dict[str, int]) -> None:
    holder = value("Holder", {"number": Annotated[kind, Meta(**limits)]})
    try:
        decode(msgspec.json.encode(sample_value(holder)), holder)
    except Invalid as bad:
        pytest.fail(str(bad))


def test_text_with_a_pattern_nobody_knows_needs_an_example() -> None:
    with pytest.raises(LookupError, match="no sample text is known for code: give its type Meta"):
        sample_value(value("Holder", {"code": Annotated[str, Meta(pattern="^Q[0-9]$")]}))
    known = value("Holder", {"code": Annotated[str, Meta(pattern="^Q[0-9]$", examples=["Q7"])]})
    assert sample_value(known) == {"code": "Q7"}


def test_the_folder_is_in_order_after_writing_and_says_what_is_not(tmp_path: Path) -> None:
    old = {"m": ([facade(result=value("Card", Card))], [Knocked])}
    new = {"m": ([facade(result=value("Card", {"hits": int}))], [Knocked])}
    assert [str(one) for one in compare_contracts(old, tmp_path)] == [
        "m: v1.json is missing: write the contracts anew",
        "m: samples/Replay.replay.json is missing: write the contracts anew",
    ]
    assert [path.relative_to(tmp_path).as_posix() for path in write_contracts(old, tmp_path)] == [
        "m/v1.json",
        "m/samples/Replay.replay.json",
    ]
    release_contracts(old, tmp_path)
    assert compare_contracts(old, tmp_path) == []
    assert write_contracts(old, tmp_path) == []
    (tmp_path / "m/samples/Gone.gone.json").write_text("{}")
    found = compare_contracts(new, tmp_path)
    assert [str(one) for one in found] == [
        "m: v1.json is not what the code says: write the contracts anew",
        "m: samples/Replay.replay.json is not what the code says: write the contracts anew",
        "m: samples/Gone.gone.json is of no operation: write the contracts anew",
        "m: replay: result field `rate` removed: breaks readers",
    ]
    assert [one.breaks for one in found] == [False, False, False, True]
    write_contracts(new, tmp_path)
    assert [str(one) for one in compare_contracts(new, tmp_path)] == [
        "m: replay: result field `rate` removed: breaks readers"
    ]
