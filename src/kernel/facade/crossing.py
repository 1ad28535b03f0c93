"""Which types may cross a facade. A refusal says what to write instead."""

from __future__ import annotations

import inspect
import types
import typing
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from kernel.facade.values import Value

_SCALARS = (str, int, bool, bytes, type(None))


class BadFacade(TypeError):
    """A Protocol breaks the law of facades. Raised at import; the message names the place and the mend."""


def hints_of(where: str, subject: Any) -> dict[str, Any]:
    """The annotations of a method or class, limits included."""
    try:
        return get_type_hints(subject, include_extras=True)
    except NameError as missing:
        raise BadFacade(f"{where}: {missing}: import it for real, not under TYPE_CHECKING") from missing


def tellable(place: str, hint: Any) -> None:
    """What msgspec cannot decode without doubt, such as `str | Instant`, both text on the wire."""
    try:
        msgspec.json.Decoder(hint)
    except TypeError as doubt:
        raise BadFacade(f"{place}: {doubt}: put what looks alike on the wire into Values of its own") from doubt


def forget() -> None:
    """A struct that failed, or reaches one that did, must fail again."""
    _seen.clear()


def may_cross(where: str, hint: Any) -> None:
    """Refuse a type that cannot cross alike in both directions."""
    if hint in _SCALARS or hint is float:
        return
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        _annotated(where, args)
    elif origin in (Union, types.UnionType):
        for part in args:
            may_cross(where, part)
        _tagged(where, args)
    elif origin is tuple:
        for part in args:
            if part is not Ellipsis:
                may_cross(where, part)
    elif origin is not Literal:
        _class(where, hint)


def _tagged(where: str, parts: tuple[Any, ...]) -> None:
    structs = [part for part in parts if isinstance(part, type) and issubclass(part, msgspec.Struct)]
    if len(structs) < 2:
        return
    tags: dict[Any, type] = {}
    for kind in structs:
        tag = kind.__struct_config__.tag
        if tag is None:
            raise BadFacade(
                f"{where}: nothing on the wire tells a {kind.__name__} from its neighbours in the union: write "
                f'`class {kind.__name__}(Value, frozen=True, kw_only=True, tag="{kind.__name__.lower()}"):`'
            )
        if tag in tags:
            raise BadFacade(f"{where}: {tags[tag].__name__} and {kind.__name__} have the same tag {tag!r}: change one")
        tags[tag] = kind


def _annotated(where: str, args: tuple[Any, ...]) -> None:
    inner, *marks = args
    if inner is datetime:
        if not any(isinstance(mark, msgspec.Meta) and mark.tz for mark in marks):
            raise BadFacade(f"{where}: a naive datetime: write kernel.facade.Instant")
        return
    for mark in marks:
        _to_the_end(where, getattr(mark, "pattern", None))
    may_cross(where, inner)


def _to_the_end(where: str, pattern: str | None) -> None:
    """Python's `$` also matches before a newline that ends the text; ECMA's, which reads our schemas, does not."""
    if pattern and pattern.endswith("$") and not pattern.endswith(r"\$"):
        raise BadFacade(f"{where}: end the pattern in `$(?!\\n)`: `$` alone lets in a newline after it")


_INSTEAD: dict[Any, str] = {
    Any: "name the type: a facade has no Any",
    tuple: "write tuple[T, ...] with the type of its items",
    list: "write tuple[T, ...]: a list can be changed by the other side",
    set: "write tuple[T, ...], sorted: a set has no order on the wire",
    frozenset: "write tuple[T, ...], sorted: a set has no order on the wire",
    dict: "write tuple[Pair, ...] with a Value of a key and a value",
    datetime: "write kernel.facade.Instant: a naive time has no meaning at the other side",
    object: "name the type",
}


def _class(where: str, hint: Any) -> None:
    kind = getattr(hint, "__supertype__", None)
    if kind is not None:
        return may_cross(where, kind)
    instead = _INSTEAD.get(get_origin(hint) or hint)
    if instead:
        raise BadFacade(f"{where}: {instead}")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return None
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct(where, hint)
    raise BadFacade(f"{where}: {hint!r} is no value: write a frozen, keyword-only kernel.facade.Value")


_seen: set[type] = set()


def _struct(where: str, kind: type[msgspec.Struct]) -> None:
    if kind in _seen:
        return
    config = kind.__struct_config__
    if not issubclass(kind, Value):
        raise BadFacade(f"{where}: {kind.__name__} is a plain Struct: derive it from kernel.facade.Value")
    positional = inspect.signature(kind).parameters.values()
    if not config.frozen or any(p.kind is not p.KEYWORD_ONLY for p in positional):
        raise BadFacade(f"{where}: write `class {kind.__name__}(Value, frozen=True, kw_only=True):`")
    if config.array_like or kind.__struct_fields__ != kind.__struct_encode_fields__:
        raise BadFacade(f"{where}: {kind.__name__} has other names on the wire: leave out `rename` and `array_like`")
    _seen.add(kind)
    for name, hint in hints_of(where, kind).items():
        if get_origin(hint) is not typing.ClassVar:
            may_cross(f"{kind.__module__}.{kind.__name__}.{name}", hint)
