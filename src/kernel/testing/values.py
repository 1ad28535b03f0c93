"""Hypothesis strategies for every type that may cross a facade, inside its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import inspect

from kernel.facade.operation import Operation

_MOST_ITEMS = 3
_ZONES = (UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=9)))


def values_of(hint: Any) -> SearchStrategy[Any]:
    """Values of a facade type: `values_of(Rule)`, `values_of(tuple[Firing, ...])`."""
    return _strategy(inspect.type_info(hint))


def requests_of(operation: Operation) -> SearchStrategy[Any]:
    """Whole requests of an operation; `kernel.facade.port.arguments` makes keyword arguments of one."""
    return values_of(operation.request)


@cache
def _struct(kind: type) -> SearchStrategy[Any]:
    """Deferred, since a struct may hold itself."""
    return st.deferred(lambda: _fields(kind))


def _fields(kind: type) -> SearchStrategy[Any]:
    info: Any = inspect.type_info(kind)
    needed = {field.name: _strategy(field.type) for field in info.fields if field.required}
    optional = {field.name: _strategy(field.type) for field in info.fields if not field.required}
    given = st.fixed_dictionaries(needed, optional=optional)
    return given.map(lambda fields: kind(**fields))


def _strategy(info: inspect.Type) -> SearchStrategy[Any]:
    if isinstance(info, inspect.Metadata):
        return _strategy(info.type)
    if isinstance(info, inspect.StructType):
        return _struct(info.cls)
    if isinstance(info, inspect.UnionType):
        return st.one_of([_strategy(part) for part in info.types])
    if isinstance(info, inspect.VarTupleType):
        least = info.min_length or 0
        most = min(info.max_length or least + _MOST_ITEMS, least + _MOST_ITEMS)
        return st.lists(_strategy(info.item_type), min_size=least, max_size=most).map(tuple)
    if isinstance(info, inspect.TupleType):
        return st.tuples(*(_strategy(part) for part in info.item_types))
    if isinstance(info, inspect.LiteralType):
        return st.sampled_from(list(info.values))
    if isinstance(info, inspect.EnumType):
        return st.sampled_from(list(info.cls))
    return _scalar(info)


def _scalar(info: inspect.Type) -> SearchStrategy[Any]:
    if isinstance(info, inspect.StrType):
        return _text(info)
    if isinstance(info, inspect.IntType):
        return _integers(info)
    if isinstance(info, inspect.FloatType):
        return _floats(info)
    if isinstance(info, inspect.BoolType):
        return st.booleans()
    if isinstance(info, inspect.BytesType):
        return st.binary(min_size=info.min_length or 0, max_size=info.max_length)
    if isinstance(info, inspect.DateTimeType):
        # Away from the ends of time, where another zone would leave them.
        return st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.sampled_from(_ZONES))
    if isinstance(info, inspect.NoneType):
        return st.none()
    raise TypeError(f"no values are known for {info}: a facade has no such type")


def _text(info: inspect.StrType) -> SearchStrategy[str]:
    least, most = info.min_length or 0, info.max_length
    if info.pattern is None:
        return st.text(min_size=least, max_size=least + 20 if most is None else min(most, least + 20))
    found = st.from_regex(info.pattern)
    return found.filter(lambda text: least <= len(text) and (most is None or len(text) <= most))


def _integers(info: inspect.IntType) -> SearchStrategy[int]:
    low = info.ge if info.ge is not None else None if info.gt is None else info.gt + 1
    high = info.le if info.le is not None else None if info.lt is None else info.lt - 1
    unit = info.multiple_of or 1
    whole = st.integers(None if low is None else -(-low // unit), None if high is None else high // unit)
    return whole.map(lambda number: number * unit)


def _floats(info: inspect.FloatType) -> SearchStrategy[float]:
    return st.floats(
        min_value=info.ge if info.ge is not None else info.gt,
        max_value=info.le if info.le is not None else info.lt,
        exclude_min=info.ge is None and info.gt is not None,
        exclude_max=info.le is None and info.lt is not None,
        allow_nan=False,
        allow_infinity=False,
    )
