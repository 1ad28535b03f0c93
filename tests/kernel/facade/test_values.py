"""A Value holds its limits when it is built just as when it is decoded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NewType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from kernel.errors import Invalid
from kernel.facade import Instant, Share, Value
from kernel.facade.codec import decode, encode
from kernel.testing.sample import Mixed
from kernel.testing.values import values_of

Half = NewType("Half", Annotated[float, Meta(le=0.5)])  # type: ignore[valid-newtype]


class Holder(Value, frozen=True, kw_only=True):
    share: Share = 0.0
    many: tuple[Share, ...] = ()
    pair: tuple[str, Share] = ("", 0.0)
    mixed: str | Annotated[int, Meta(ge=3)] | bool | None = None
    maybe: Annotated[float, Meta(ge=0.0)] | None = None
    few: Annotated[tuple[float, ...], Meta(min_length=0, max_length=2)] = ()
    text: Annotated[str, Meta(pattern=r"^a+$", max_length=3)] = "a"
    step: Annotated[int, Meta(multiple_of=5)] = 0
    at: Instant = datetime(2026, 1, 1, tzinfo=UTC)
    nested: tuple[tuple[Share, ...], ...] = ()
    half: Half = Half(0.0)
    kind: Literal["x", "y"] | Annotated[int, Meta(lt=9)] = "x"


GOOD: list[dict[str, Any]] = [
    {"share": 1.0},
    {"share": 0},
    {"mixed": "text"},
    {"mixed": True},
    {"mixed": 3},
    {"maybe": 0.0},
    {"few": (1.0, 2.0)},
    {"text": "aaa"},
    {"step": -10},
    {"kind": "y"},
    {"kind": 8},
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"share": 1.5}, "Holder.share", "at most 1.0, not 1.5"),
    ({"share": float("nan")}, "Holder.share", "a finite number, not nan"),
    ({"share": float("inf")}, "Holder.share", "a finite number, not inf"),
    ({"many": (0.5, 2.0)}, "Holder.many[1]", "at most 1.0, not 2.0"),
    ({"pair": ("a", -1.0)}, "Holder.pair[1]", "at least 0.0, not -1.0"),
    ({"mixed": 2}, "Holder.mixed", "at least 3, not 2"),
    ({"maybe": -1.0}, "Holder.maybe", "at least 0.0, not -1.0"),
    ({"few": (1.0, 2.0, 3.0)}, "Holder.few", "at most 2 long, not (1.0, 2.0, 3.0)"),
    ({"few": (1.0, float("nan"))}, "Holder.few[1]", "a finite number, not nan"),
    ({"text": "b"}, "Holder.text", "text that matches ^a+$, not 'b'"),
    ({"text": "aaaa"}, "Holder.text", "at most 3 long, not 'aaaa'"),
    ({"step": 7}, "Holder.step", "a multiple of 5, not 7"),
    ({"at": datetime(2026, 1, 1)}, "Holder.at", "a time with a zone, not datetime.datetime(2026, 1, 1, 0, 0)"),
    ({"nested": ((0.1,), (0.2, 3.0))}, "Holder.nested[1][1]", "at most 1.0, not 3.0"),
    ({"half": 0.6}, "Holder.half", "at most 0.5, not 0.6"),
    ({"kind": 9}, "Holder.kind", "less than 9, not 9"),
    ({"share": "much"}, "Holder.share", "at least 0.0, not 'much'"),
]


@pytest.mark.parametrize("fields", GOOD)
def test_a_value_inside_its_limits_is_built_and_decoded(fields: dict[str, Any]) -> None:
    holder = Holder(**fields)
    assert decode(encode(holder), Holder) == holder


@pytest.mark.parametrize(("fields", "where", "expected"), BAD)
def test_a_value_outside_its_limits_is_refused_with_the_place(
    fields: dict[str, Any], where: str, expected: str
) -> None:
    with pytest.raises(Invalid) as met:
        Holder(**fields)
    assert (met.value.where, met.value.expected) == (where, expected)


@pytest.mark.parametrize(("fields", "where", "expected"), BAD)
def test_what_cannot_be_built_cannot_be_decoded(fields: dict[str, Any], where: str, expected: str) -> None:
    with pytest.raises(Invalid):
        decode(msgspec.json.encode(fields), Holder)


def test_a_changed_copy_is_checked_too() -> None:
    with pytest.raises(Invalid, match=r"at most 1\.0"):
        msgspec.structs.replace(Holder(), share=2.0)


@given(st.one_of(values_of(Holder), values_of(Mixed)))
def test_every_value_comes_back_from_the_wire_as_it_went(value: Any) -> None:
    assert decode(encode(value), type(value)) == value


@pytest.mark.parametrize(
    ("data", "where", "expected"),
    [
        (b'{"pair": ["a", "b"]}', "pair[1]", "Expected `float`, got `str`"),
        (b'{"share": 1e999}', "share", "Number out of range"),
        (b"{", "body", "Input data was truncated"),
        (b"\xff", "body", "JSON is malformed: invalid character (byte 0)"),
        (b'"x"', "body", "Expected `object`, got `str`"),
    ],
)
def test_a_refused_document_names_its_place(data: bytes, where: str, expected: str) -> None:
    with pytest.raises(Invalid) as met:
        decode(data, Holder)
    assert (met.value.where, met.value.expected) == (where, expected)


@pytest.mark.parametrize("value", ["\ud800", object(), {1.5j: 1}])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match="a value that JSON can hold"):
        encode(value)
