"""The law of a facade, checked once when its module is imported. A refusal says what to write instead."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from kernel.errors import Declared
from kernel.facade.operation import Effect, Facade, Operation, effect_of
from kernel.facade.values import Value

_SCALARS = (str, int, bool, bytes, type(None))


class BadFacade(TypeError):
    """A Protocol breaks the law of facades. Raised at import; the message names the place and the mend."""


def checked(module: str, *protocols: type) -> tuple[Facade, ...]:
    """The facades of a module, or BadFacade. Ends every `facade.py`: `FACADES = checked("patterns", History, …)`."""
    return tuple(_facade(module, protocol) for protocol in protocols)


def _facade(module: str, protocol: type) -> Facade:
    where = f"{module}.{protocol.__name__}"
    if not getattr(protocol, "_is_protocol", False):
        raise BadFacade(f"{where} is no Protocol: write `class {protocol.__name__}(Protocol):`")
    raises = _raises(where, protocol)
    methods = {name: member for name, member in vars(protocol).items() if _public(name, member)}
    if not methods:
        raise BadFacade(f"{where} has no methods: mark them with @read or @write")
    operations = tuple(_operation(module, protocol, method, raises) for method in methods.values())
    return Facade(module=module, name=protocol.__name__, protocol=protocol, operations=operations)


def _public(name: str, member: Any) -> bool:
    return not name.startswith("_") and name != "raises" and callable(member)


def _raises(where: str, protocol: type) -> tuple[type[Declared], ...]:
    raises = getattr(protocol, "raises", ())
    if not isinstance(raises, tuple):
        raise BadFacade(f"{where}.raises is no tuple: write `raises = (HistoryTooShort,)`")
    for error in raises:
        if not (isinstance(error, type) and issubclass(error, Declared)):
            raise BadFacade(f"{where}.raises holds {error!r}: list only subclasses of kernel.errors.Declared")
        for name, hint in _hints(f"{where} raises {error.__name__}", error).items():
            if name not in ("ran", "http_status") and get_origin(hint) is not typing.ClassVar:
                _value(f"{error.__module__}.{error.__name__}.{name}", hint)
    return raises


def _operation(module: str, protocol: type, method: Any, raises: tuple[type[Declared], ...]) -> Operation:
    where = f"{module}.{protocol.__name__}.{method.__name__}"
    effect = effect_of(method)
    if effect is None:
        raise BadFacade(f"{where} declares no effect: put @read or @write(idempotent=…) above it")
    if not inspect.getdoc(method):
        raise BadFacade(f"{where} has no docstring: say shapes, units and errors")
    hints = _hints(where, method)
    result, streams = _result(where, method, effect, hints)
    return Operation(
        module=module,
        facade=protocol.__name__,
        name=method.__name__,
        effect=effect,
        request=_request(where, module, protocol, method, hints),
        result=result,
        streams=streams,
        raises=raises,
        doc=inspect.getdoc(method) or "",
    )


def _hints(where: str, subject: Any) -> dict[str, Any]:
    try:
        return get_type_hints(subject, include_extras=True)
    except NameError as missing:
        raise BadFacade(f"{where}: {missing}: import it for real, not under TYPE_CHECKING") from missing


def _result(where: str, method: Any, effect: Effect, hints: dict[str, Any]) -> tuple[Any, bool]:
    if "return" not in hints:
        raise BadFacade(f"{where} has no return type: write `-> Answer`, `-> None` or `-> AsyncIterator[Item]`")
    result = hints["return"]
    if get_origin(result) is AsyncIterator:
        if inspect.iscoroutinefunction(method):
            raise BadFacade(f"{where} is async and streams: write `def`, not `async def`, for AsyncIterator")
        if effect.kind != "read":
            raise BadFacade(f"{where} streams and writes: start a job with @write, stream with @read")
        (item,) = get_args(result)
        _value(f"{where} -> item", item)
        return item, True
    if not inspect.iscoroutinefunction(method):
        raise BadFacade(f"{where} is not async: write `async def`, or return AsyncIterator[Item]")
    _value(f"{where} -> result", result)
    return result, False


def _request(where: str, module: str, protocol: type, method: Any, hints: dict[str, Any]) -> type:
    fields: list[Any] = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        place = f"{where}({parameter.name})"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise BadFacade(f"{place}: no * or **: name each parameter, or take one Value")
        if parameter.name not in hints:
            raise BadFacade(f"{place} has no type: write `{parameter.name}: SomeValue`")
        hint = hints[parameter.name]
        _bare(place, hint)
        _value(place, hint)
        default = () if parameter.default is parameter.empty else (parameter.default,)
        fields.append((parameter.name, hint, *default))
    name = f"{protocol.__name__}_{method.__name__}_request"
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True, forbid_unknown_fields=True, module=module)


def _bare(place: str, hint: Any) -> None:
    """Limits are enforced when a Value is built; a bare parameter would be checked on the remote side only."""
    marked = get_origin(hint) is Annotated or hint is float or hint is datetime
    if marked or any(_is_marked(part) for part in get_args(hint)):
        raise BadFacade(
            f"{place}: a limit, float or time needs a field of a Value, where local and remote check it alike"
        )


def _is_marked(part: Any) -> bool:
    return part is float or part is datetime or get_origin(part) is Annotated


def _value(where: str, hint: Any) -> None:
    """Refuse a type that cannot cross alike in both directions."""
    if hint in _SCALARS or hint is float:
        return
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        _annotated(where, args)
    elif origin in (Union, types.UnionType):
        for part in args:
            _value(where, part)
    elif origin is tuple:
        for part in args:
            if part is not Ellipsis:
                _value(where, part)
    elif origin is not Literal:
        _class(where, hint)


def _annotated(where: str, args: tuple[Any, ...]) -> None:
    inner, *marks = args
    if inner is datetime:
        if not any(isinstance(mark, msgspec.Meta) and mark.tz for mark in marks):
            raise BadFacade(f"{where}: a naive datetime: write kernel.facade.Instant")
        return
    _value(where, inner)


_INSTEAD: dict[Any, str] = {
    Any: "name the type: a facade has no Any",
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
        return _value(where, kind)
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
    _seen.add(kind)
    for name, hint in _hints(where, kind).items():
        _value(f"{kind.__module__}.{kind.__name__}.{name}", hint)
