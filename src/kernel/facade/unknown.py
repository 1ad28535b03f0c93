"""Fields that a request names and its type does not have.

Readers of answers pass over what they do not know, so that a newer process may say more. A request is another matter:
who misspells a field must not get the default instead. So the types stay tolerant, and requests are compared with them.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from kernel.errors import Invalid

Compare = Callable[[Any, str], None]
"""Compares plain JSON with a type; the text is where it lies. Raises Invalid."""


def refuse_unknown(plain: Any, kind: Any, what: str = "body") -> None:
    """`plain` is decoded JSON that is to become a `kind`. Raises Invalid for a field that no Struct there has."""
    compare = _compare(kind)
    if compare is not None:
        compare(plain, what)


def may_hold_unknown(kind: Any) -> bool:
    """False when decoding alone refuses every unknown field: the parameters of a call that takes no Structs."""
    forbids = hasattr(kind, "__struct_config__") and kind.__struct_config__.forbid_unknown_fields
    return bool(_fields(kind)[1]) if forbids else _compare(kind) is not None


@cache
def _compare(hint: Any) -> Compare | None:
    """What compares with a type, or None when no Struct is in it. Of the wrong kind: decoding judges that, not we."""
    if hasattr(hint, "__supertype__"):
        return _compare(hint.__supertype__)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _compare(args[0])
    if origin in (Union, types.UnionType):
        return _any_of(args)
    if origin in (tuple, list):
        return _items(args)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return lambda plain, where: _struct(plain, where, hint)
    return None


def _struct(plain: Any, where: str, kind: type[msgspec.Struct]) -> None:
    if not isinstance(plain, dict):
        return
    names, inside = _fields(kind)
    for name in plain:
        if name not in names:
            raise Invalid(where=_within(where, name), expected=_expected(name, names))
    for name, compare in inside:
        if name in plain:
            compare(plain[name], _within(where, name))


@cache
def _fields(kind: Any) -> tuple[frozenset[str], tuple[tuple[str, Compare], ...]]:
    """The names on the wire, and what compares with the fields that hold Structs."""
    hints = get_type_hints(kind, include_extras=True)
    wire = dict(zip(kind.__struct_encode_fields__, (hints[name] for name in kind.__struct_fields__), strict=True))
    tag = {kind.__struct_config__.tag_field} if kind.__struct_config__.tag is not None else set()
    inside = ((name, _compare(hint)) for name, hint in wire.items())
    return frozenset(wire.keys() | tag), tuple((name, compare) for name, compare in inside if compare is not None)


def _any_of(parts: tuple[Any, ...]) -> Compare | None:
    """Objects are compared with the Struct that their tag names, arrays with the part that is one."""
    structs = {part.__struct_config__.tag: part for part in parts if hasattr(part, "__struct_config__")}
    others = [found for part in parts if part not in structs.values() and (found := _compare(part)) is not None]
    if not structs and not others:
        return None
    tag_field = next((one.__struct_config__.tag_field for one in structs.values()), None)

    def compare(plain: Any, where: str) -> None:
        if isinstance(plain, dict) and structs:
            kind = structs.get(plain.get(tag_field)) if tag_field else next(iter(structs.values()))
            if kind is not None:
                _struct(plain, where, kind)
            return
        for other in others:
            other(plain, where)

    return compare


def _items(parts: tuple[Any, ...]) -> Compare | None:
    if len(parts) == 1 or parts[-1:] == (Ellipsis,):
        one = _compare(parts[0])
        return one and (lambda plain, where: _each(plain, where, lambda _: one))
    several = {index: found for index, part in enumerate(parts) if (found := _compare(part)) is not None}
    return (lambda plain, where: _each(plain, where, several.get)) if several else None


def _each(plain: Any, where: str, compare_of: Callable[[int], Compare | None]) -> None:
    if not isinstance(plain, list):
        return
    for index, item in enumerate(plain):
        if (compare := compare_of(index)) is not None:
            compare(item, f"{where}[{index}]")


def _within(where: str, name: str) -> str:
    """`rule.name`, as the decoder says it; the body's own fields stand alone."""
    return name[:80] if where == "body" else f"{where}.{name[:80]}"


def _expected(name: str, known: frozenset[str]) -> str:
    if not known:
        return "no field here takes anything"
    return f"no such field; the nearest is {difflib.get_close_matches(name[:80], sorted(known), n=1, cutoff=0.0)[0]!r}"
