"""A bad facade is refused at import, and the message says what to write instead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum, Flag
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NewType, Protocol

import msgspec
import pytest
from msgspec import Meta

from kernel.errors import Conflict, Declared
from kernel.facade import Instant, Raises, Value, checked, read, write
from kernel.facade.check import BadFacade

if TYPE_CHECKING:
    from fractions import Fraction


class Good(Value, frozen=True, kw_only=True):
    number: int = 0


class Other(Value, frozen=True, kw_only=True):
    number: int = 0


class Plain(msgspec.Struct, frozen=True, kw_only=True):
    number: int


class Thawed(Value, frozen=False, kw_only=True):
    number: int


class Positional(Value, frozen=True, kw_only=False):
    number: int


class Renamed(Value, frozen=True, kw_only=True, rename="camel"):
    long_name: int


class Twin(Value, frozen=True, kw_only=True, tag="same"):
    number: int


class Twin2(Value, frozen=True, kw_only=True, tag="same"):
    number: int


class HoldsList(Value, frozen=True, kw_only=True):
    numbers: list[int]


class HoldsHolder(Value, frozen=True, kw_only=True):
    deep: tuple[HoldsList, ...] = ()
    back: HoldsHolder | None = None


class Bits(Flag):
    ONE = 1


class Broken(Declared):
    """Holds what cannot cross."""

    what: dict[str, int]


class Known(Declared):
    """Fine."""


class Colour(Enum):
    RED = "red"


Loop = NewType("Loop", int)


class Ring(Value, frozen=True, kw_only=True, tag="ring"):
    rings: tuple[Ring | Disc, ...] = ()


class Disc(Value, frozen=True, kw_only=True, tag="disc"):
    colour: Colour = Colour.RED


def refusal(protocol: type) -> str:
    with pytest.raises(BadFacade) as met:
        checked("m", protocol)
    return str(met.value)


def taking(kind: Any, **options: Any) -> type:
    """A facade with one method that takes this type."""

    @read
    async def method(self: Any, value: Any) -> None:
        """Said."""

    method.__annotations__["value"] = kind
    if "default" in options:
        method.__defaults__ = (options["default"],)
    return _facade(method)


def giving(kind: Any) -> type:
    """A facade with one method that gives this type."""

    @read
    async def method(self: Any) -> Any:
        """Said."""

    method.__annotations__["return"] = kind
    return _facade(method)


def _facade(method: Callable[..., Any], **more: Any) -> type:
    return type(Protocol)("F", (Protocol,), {"method": method, "__module__": __name__, **more})


@pytest.mark.parametrize("made", [taking, giving])
@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        (Any, "name the type: a facade has no Any"),
        (object, "name the type"),
        (list[int], "write tuple[T, ...]: a list can be changed by the other side"),
        (list, "write tuple[T, ...]"),
        (tuple, "write tuple[T, ...] with the type of its items"),
        (set[int], "write tuple[T, ...], sorted"),
        (frozenset[int], "write tuple[T, ...], sorted"),
        (dict[str, int], "write tuple[Pair, ...] with a Value of a key and a value"),
        (Decimal, "is no value: write a frozen, keyword-only kernel.facade.Value"),
        (Plain, "Plain is a plain Struct: derive it from kernel.facade.Value"),
        (Thawed, "write `class Thawed(Value, frozen=True, kw_only=True):`"),
        (Positional, "write `class Positional(Value, frozen=True, kw_only=True):`"),
        (Renamed, "Renamed has other names on the wire: leave out `rename` and `array_like`"),
        (HoldsList, "HoldsList.numbers: write tuple[T, ...]"),
        (HoldsHolder, "HoldsList.numbers: write tuple[T, ...]"),
        (tuple[HoldsList, ...], "HoldsList.numbers: write tuple[T, ...]"),
        (HoldsList | None, "HoldsList.numbers: write tuple[T, ...]"),
        (NewType("Names", list[str]), "write tuple[T, ...]"),
        (Good | Other, 'write `class Good(Value, frozen=True, kw_only=True, tag="good"):`'),
        (tuple[Good | Other | None, ...], 'tag="good"'),
        (Twin | Twin2, "Twin and Twin2 have the same tag 'same': change one"),
        (Twin | Good, 'write `class Good(Value, frozen=True, kw_only=True, tag="good"):`'),
        (float, "a limit, float or time needs a field of a Value, where local and remote check it alike"),
        (float | None, "a limit, float or time needs a field of a Value"),
        (datetime, "a limit, float or time needs a field of a Value"),
        (Instant, "a limit, float or time needs a field of a Value"),
        (tuple[Instant, ...], "a limit, float or time needs a field of a Value"),
        (Annotated[str, Meta(max_length=3)], "a limit, float or time needs a field of a Value"),
        (str | bytes, "put what looks alike on the wire into Values of its own"),
        (str | Colour, "put what looks alike on the wire into Values of its own"),
        (tuple[int, ...] | tuple[str, str], "put what looks alike on the wire into Values of its own"),
    ],
)
def test_refuses_a_type_that_cannot_cross(made: Callable[[Any], type], kind: Any, instead: str) -> None:
    message = refusal(made(kind))
    assert instead in message
    assert message.startswith(("m.F.method", __name__))


class Timed(Value, frozen=True, kw_only=True):
    at: datetime


class Doubtful(Value, frozen=True, kw_only=True):
    at: Instant | str


def test_refuses_a_time_without_a_zone_in_a_value() -> None:
    assert "Timed.at: write kernel.facade.Instant" in refusal(taking(Timed))


class Loose(Value, frozen=True, kw_only=True):
    name: Annotated[str, Meta(pattern=r"^[a-z]+$")]


class Priced(Value, frozen=True, kw_only=True):
    price: Annotated[str, Meta(pattern=r"^[0-9]+\$")]
    name: Annotated[str, Meta(pattern=r"^[a-z]+$(?!\n)")]


def test_refuses_a_pattern_that_lets_a_newline_in_at_the_end() -> None:
    """Python's `$` also matches before a last newline; the languages of other readers' schemas differ."""
    assert r"Loose.name: end the pattern in `$(?!\n)`" in refusal(taking(Loose))
    checked("m", taking(Priced))


def test_refuses_what_looks_alike_inside_a_value() -> None:
    assert "put what looks alike on the wire into Values of its own" in refusal(taking(Doubtful))


def test_a_struct_that_failed_fails_again() -> None:
    assert refusal(taking(HoldsHolder)) == refusal(taking(HoldsHolder))
    assert "HoldsList.numbers" in refusal(giving(HoldsList))


@pytest.mark.parametrize(
    "kind",
    [Good, Ring, Ring | Disc, Colour, Loop, Literal["a", 1], tuple[Good, ...], tuple[str, int], bytes, bool | None],
)
def test_accepts_what_can_cross(kind: Any) -> None:
    (facade,) = checked("m", taking(kind))
    assert facade.operations[0].path == "m/F/method"
    checked("m", giving(kind))


@pytest.mark.parametrize("default", ["five", None, 1.5])
def test_refuses_a_default_that_is_not_of_its_type(default: Any) -> None:
    assert f"its default {default!r} is not of its type" in refusal(taking(int, default=default))


class Bare:
    @read
    async def method(self) -> None:
        """Said."""


class Empty(Protocol):
    pass


class Unmarked(Protocol):
    async def method(self) -> None:
        """Said."""


class Silent(Protocol):
    @read
    async def method(self) -> None: ...


class Blocking(Protocol):
    @read
    def method(self) -> None:
        """Said."""


class AsyncStream(Protocol):
    @read
    async def method(self) -> AsyncIterator[int]:
        """Said."""


class WritingStream(Protocol):
    @write()
    def method(self) -> AsyncIterator[int]:
        """Said."""


class NoReturn(Protocol):
    @read
    async def method(self):  # type: ignore[no-untyped-def]
        """Said."""


class Untyped(Protocol):
    @read
    async def method(self, value) -> None:  # type: ignore[no-untyped-def]
        """Said."""


class Starred(Protocol):
    @read
    async def method(self, *values: int) -> None:
        """Said."""


class Slashed(Protocol):
    @read
    async def method(self, value: int, /) -> None:
        """Said."""


class Hidden(Protocol):
    @read
    async def method(self, value: Fraction) -> None:
        """Said."""


class WithField(Protocol):
    size: int

    @read
    async def method(self) -> None:
        """Said."""


class WithProperty(Protocol):
    @property
    def size(self) -> int: ...


class Static(Protocol):
    @staticmethod
    @read
    async def method() -> None:
        """Said."""


class Child(Unmarked, Protocol):
    @read
    async def more(self) -> None:
        """Said."""


class ListedRaises(Protocol):
    raises: ClassVar[Any] = [Known]

    @read
    async def method(self) -> None:
        """Said."""


class KernelRaises(Protocol):
    raises: ClassVar[Any] = (Conflict,)

    @read
    async def method(self) -> None:
        """Said."""


class BrokenRaises(Protocol):
    raises: ClassVar[Raises] = (Broken,)

    @read
    async def method(self) -> None:
        """Said."""


class TwiceRaises(Protocol):
    raises: ClassVar[Raises] = (Known, type("Known", (Declared,), {}))

    @read
    async def method(self) -> None:
        """Said."""


@pytest.mark.parametrize(
    ("protocol", "instead"),
    [
        (Bare, "m.Bare is no Protocol: write `class Bare(Protocol):`"),
        (Empty, "m.Empty has no methods: mark them with @read or @write"),
        (Unmarked, "m.Unmarked.method declares no effect: put @read or @write(idempotent=…) above it"),
        (Silent, "m.Silent.method has no docstring: say shapes, units and errors"),
        (Blocking, "m.Blocking.method is not async: write `async def`, or return AsyncIterator[Item]"),
        (AsyncStream, "write `def`, not `async def`, for AsyncIterator"),
        (WritingStream, "streams and writes: start a job with @write, stream with @read"),
        (NoReturn, "has no return type: write `-> Answer`, `-> None` or `-> AsyncIterator[Item]`"),
        (Untyped, "m.Untyped.method(value) has no type: write `value: SomeValue`"),
        (Starred, "m.Starred.method(values): no * or **: name each parameter, or take one Value"),
        (Slashed, "m.Slashed.method(value) has no name for callers: leave out the `/`"),
        (Hidden, "import it for real, not under TYPE_CHECKING"),
        (WithField, "m.WithField.size is no method: only methods can be called from another process"),
        (WithProperty, "m.WithProperty.size is no method"),
        (Static, "m.Static.method is no method"),
        (Child, "m.Child inherits methods: write out in it all that it offers"),
        (ListedRaises, "m.ListedRaises.raises is no tuple: write `raises = (HistoryTooShort,)`"),
        (KernelRaises, "list only subclasses of kernel.errors.Declared"),
        (BrokenRaises, "Broken.what: write tuple[Pair, ...] with a Value of a key and a value"),
        (TwiceRaises, "m.TwiceRaises.raises names two errors alike: on the wire they are one; rename one of them"),
    ],
)
def test_refuses_a_facade_that_breaks_the_law(protocol: type, instead: str) -> None:
    assert instead in refusal(protocol)
