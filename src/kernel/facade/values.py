"""What may cross a facade: frozen, keyword-only Structs of scalars, tuples and other such Structs.

`Value` enforces limits when it is built, not only when it is decoded, so that a local call refuses just what a remote
call refuses. JSON has no NaN: floats are finite. Times are aware.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from kernel.errors import Invalid

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime. UTC inside; a zone is applied only where people read it."""

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
"""A part of a whole, 0 to 1."""

Count = Annotated[int, msgspec.Meta(ge=0)]
"""How many; never negative."""

Scalar = str | int | float | bool | None
"""What a service's field may hold besides tuples of the same."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """The parent of everything that crosses a facade. Raises Invalid when built with a value outside its limits."""

    def __post_init__(self) -> None:
        for name, check in _checks(type(self)):
            check(name, getattr(self, name))


Check = Callable[[str, Any], None]


@lru_cache(maxsize=None)
def _checks(kind: type) -> tuple[tuple[str, Check], ...]:
    hints = get_type_hints(kind, include_extras=True)
    found = ((name, _check(hints[name])) for name in kind.__struct_fields__)  # type: ignore[attr-defined]
    return tuple((name, _named(kind, check)) for name, check in found if check is not None)


def _named(kind: type, check: Check) -> Check:
    return lambda name, value: check(f"{kind.__name__}.{name}", value)


def _check(hint: Any) -> Check | None:
    """The check that a type asks for, or None when every value of the type is good."""
    if hint is float:
        return _finite
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        parts = [_check(inner), *(_limits(mark) for mark in marks if isinstance(mark, msgspec.Meta))]
        return _all([part for part in parts if part is not None])
    if get_origin(hint) is tuple:
        return _each([_check(part) for part in get_args(hint) if part is not Ellipsis])
    if get_args(hint) and get_origin(hint) is not None:
        return _any_of(hint)
    return None


def _any_of(union: Any) -> Check | None:
    """A union's scalars: floats must be finite; limits of an optional apply to its value."""
    checks = [check for part in get_args(union) if isinstance(part, type) or get_args(part) if (check := _check(part))]
    if not checks:
        return None
    return lambda where, value: None if value is None else [check(where, value) for check in checks] and None


def _each(checks: list[Check | None]) -> Check | None:
    live = [check for check in checks if check is not None]
    if not live:
        return None

    def each(where: str, values: Any) -> None:
        for index, value in enumerate(values):
            for check in live:
                check(f"{where}[{index}]", value)

    return each


def _all(checks: list[Check]) -> Check | None:
    if len(checks) < 2:
        return checks[0] if checks else None

    def every(where: str, value: Any) -> None:
        for check in checks:
            check(where, value)

    return every


def _finite(where: str, value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid(where=where, expected=f"a finite number, not {value}")


def _limits(mark: msgspec.Meta) -> Check | None:
    tests: list[tuple[Callable[[Any], bool], str]] = []
    if mark.tz is not None:
        aware = mark.tz
        tests.append((lambda v: not isinstance(v, datetime) or (v.tzinfo is not None) == aware, "a time with a zone"))
    if mark.ge is not None:
        low = mark.ge
        tests.append((lambda v: v >= low, f"at least {low}"))
    if mark.gt is not None:
        above = mark.gt
        tests.append((lambda v: v > above, f"more than {above}"))
    if mark.le is not None:
        high = mark.le
        tests.append((lambda v: v <= high, f"at most {high}"))
    if mark.lt is not None:
        below = mark.lt
        tests.append((lambda v: v < below, f"less than {below}"))
    if mark.min_length is not None:
        least = mark.min_length
        tests.append((lambda v: len(v) >= least, f"at least {least} long"))
    if mark.max_length is not None:
        most = mark.max_length
        tests.append((lambda v: len(v) <= most, f"at most {most} long"))
    if mark.pattern is not None:
        tests.append(_pattern(mark.pattern))
    if not tests:
        return None

    def limits(where: str, value: Any) -> None:
        for good, expected in tests:
            if not good(value):
                raise Invalid(where=where, expected=f"{expected}, not {value!r}"[:300])

    return limits


def _pattern(pattern: str) -> tuple[Callable[[Any], bool], str]:
    import re

    search = re.compile(pattern).search
    return (lambda value: search(value) is not None), f"text that matches {pattern}"
