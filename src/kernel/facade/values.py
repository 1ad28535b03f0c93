"""What may cross a facade: frozen, keyword-only Structs of scalars, tuples and other such Structs.

`Value` enforces limits when it is built, not only when it is decoded, so that a local call refuses just what a remote
call refuses. JSON has no NaN: floats are finite. Times are aware. Only limits are checked, not Python types: mypy does
that, and `tests/divergence` pins what a local call lets through.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from math import isfinite
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from kernel.errors import Invalid

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime. UTC inside; a zone is applied only where people read it."""

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
"""A part of a whole, 0 to 1."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""How many; never negative, and what a database's integer can hold."""

Scalar = str | int | float | bool | None
"""What a service's field may hold besides tuples of the same."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """The parent of everything that crosses a facade. Raises Invalid when built with a value outside its limits."""

    def __post_init__(self) -> None:
        for name, check in _checks(type(self)):
            try:
                check(getattr(self, name))
            except Invalid as bad:
                raise Invalid(where=f"{type(self).__name__}.{name}{bad.where}", expected=bad.expected) from None


Check = Callable[[Any], None]
"""Raises Invalid whose `where` is the place inside the value: "" or "[3]"."""


@cache
def _checks(kind: type) -> tuple[tuple[str, Check], ...]:
    hints = get_type_hints(kind, include_extras=True)
    found = ((name, _check(hints[name])) for name in kind.__struct_fields__)  # type: ignore[attr-defined]
    return tuple((name, check) for name, check in found if check is not None)


def _check(hint: Any) -> Check | None:
    """The check that a type asks for, or None when every value of the type is good. Structs check themselves."""
    if hasattr(hint, "__supertype__"):
        return _check(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if hint is float:
        return _finite
    if origin is Annotated:
        return _all([_check(args[0]), *(_limits(mark) for mark in args[1:] if isinstance(mark, msgspec.Meta))])
    if origin is tuple:
        return _items(args)
    if origin in (Union, types.UnionType):
        return _any_of(args)
    return None


def _items(parts: tuple[Any, ...]) -> Check | None:
    if parts[-1:] == (Ellipsis,):
        check = _check(parts[0])
        return check and (lambda values: _each(enumerate(values), lambda _: check))
    checks = {index: check for index, part in enumerate(parts) if (check := _check(part))}
    return (lambda values: _each(((i, values[i]) for i in checks), checks.__getitem__)) if checks else None


def _each(items: Any, check_of: Callable[[int], Check]) -> None:
    for index, item in items:
        try:
            check_of(index)(item)
        except Invalid as bad:
            raise Invalid(where=f"[{index}]{bad.where}", expected=bad.expected) from None


def _any_of(parts: tuple[Any, ...]) -> Check | None:
    """Each part's check, for the values of that part's kind only."""
    checks = [(_kind(part), check) for part in parts if (check := _check(part)) is not None]

    def matching(value: Any) -> None:
        for kind, check in checks:
            if isinstance(value, kind) and not isinstance(value, bool):
                check(value)

    return matching if checks else None


def _kind(part: Any) -> type:
    """The class that values of a part of a union have."""
    if hasattr(part, "__supertype__"):
        return _kind(part.__supertype__)
    origin = get_origin(part)
    if origin is Annotated:
        return _kind(get_args(part)[0])
    if origin is Literal:
        return type(get_args(part)[0])
    return origin or part  # type: ignore[no-any-return]


def _all(checks: list[Check | None]) -> Check | None:
    live = [check for check in checks if check is not None]
    if len(live) < 2:
        return live[0] if live else None

    def every(value: Any) -> None:
        for check in live:
            check(value)

    return every


def _finite(value: Any) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise Invalid(where="", expected=f"a finite number, not {value}")


_COMPARED: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "ge": ("at least {}", lambda value, low: value >= low),
    "gt": ("more than {}", lambda value, below: value > below),
    "le": ("at most {}", lambda value, high: value <= high),
    "lt": ("less than {}", lambda value, above: value < above),
    "multiple_of": ("a multiple of {}", lambda value, unit: value % unit == 0),
    "min_length": ("at least {} long", lambda value, least: len(value) >= least),
    "max_length": ("at most {} long", lambda value, most: len(value) <= most),
    "pattern": ("text that matches {}", lambda value, pattern: pattern.search(value) is not None),
    "tz": ("a time with a zone", lambda value, aware: (value.tzinfo is not None) == aware),
}


def _limits(mark: msgspec.Meta) -> Check | None:
    tests = [
        (said.format(limit), good, re.compile(limit) if name == "pattern" else limit)
        for name, (said, good) in _COMPARED.items()
        if (limit := getattr(mark, name)) is not None
    ]

    def limits(value: Any) -> None:
        for expected, good, limit in tests:
            try:
                held = good(value, limit)
            except (TypeError, AttributeError):
                held = False
            if not held:
                raise Invalid(where="", expected=f"{expected}, not {value!r}"[:300])

    return limits if tests else None
