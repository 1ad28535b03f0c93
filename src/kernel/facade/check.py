"""The law of a facade, checked once when its module is imported. A refusal says what to write instead."""

from __future__ import annotations

import inspect
import typing
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, get_args, get_origin

import msgspec

from kernel.errors import Declared
from kernel.facade.crossing import BadFacade, forget, hints_of, may_cross, tellable
from kernel.facade.operation import Effect, Facade, Operation, effect_of

__all__ = ["BadFacade", "checked"]


def checked(module: str, *protocols: type) -> tuple[Facade, ...]:
    """The facades of a module, or BadFacade. Ends every `facade.py`: `FACADES = checked("patterns", History, …)`."""
    try:
        return tuple(_facade(module, protocol) for protocol in protocols)
    except BadFacade:
        forget()
        raise


def _facade(module: str, protocol: type) -> Facade:
    where = f"{module}.{protocol.__name__}"
    if not getattr(protocol, "_is_protocol", False):
        raise BadFacade(f"{where} is no Protocol: write `class {protocol.__name__}(Protocol):`")
    raises = _raises(where, protocol)
    methods = _methods(where, protocol)
    operations = tuple(_operation(module, protocol, method, raises) for method in methods.values())
    return Facade(module=module, name=protocol.__name__, protocol=protocol, operations=operations)


def _methods(where: str, protocol: type) -> dict[str, Any]:
    if any(_public(name) for parent in protocol.__mro__[1:-1] for name in vars(parent)):
        raise BadFacade(f"{where} inherits methods: write out in it all that it offers")
    methods = {name: member for name, member in vars(protocol).items() if _public(name)}
    stated = [name for name in vars(protocol).get("__annotations__", {}) if _public(name)]
    for name in (*methods, *stated):
        if not inspect.isfunction(methods.get(name)):
            raise BadFacade(f"{where}.{name} is no method: only methods can be called from another process")
    if not methods:
        raise BadFacade(f"{where} has no methods: mark them with @read or @write")
    return methods


def _public(name: str) -> bool:
    return not name.startswith("_") and name != "raises"


def _raises(where: str, protocol: type) -> tuple[type[Declared], ...]:
    raises = getattr(protocol, "raises", ())
    if not isinstance(raises, tuple):
        raise BadFacade(f"{where}.raises is no tuple: write `raises = (HistoryTooShort,)`")
    names = [error.__name__ for error in raises if isinstance(error, type)]
    if len(set(names)) < len(names):
        raise BadFacade(f"{where}.raises names two errors alike: on the wire they are one; rename one of them")
    for error in raises:
        if not (isinstance(error, type) and issubclass(error, Declared)):
            raise BadFacade(f"{where}.raises holds {error!r}: list only subclasses of kernel.errors.Declared")
        for name, hint in hints_of(f"{where} raises {error.__name__}", error).items():
            if name not in ("ran", "http_status") and get_origin(hint) is not typing.ClassVar:
                may_cross(f"{error.__module__}.{error.__name__}.{name}", hint)
    return raises


def _operation(module: str, protocol: type, method: Any, raises: tuple[type[Declared], ...]) -> Operation:
    where = f"{module}.{protocol.__name__}.{method.__name__}"
    effect = effect_of(method)
    if effect is None:
        raise BadFacade(f"{where} declares no effect: put @read or @write(idempotent=…) above it")
    if not inspect.getdoc(method):
        raise BadFacade(f"{where} has no docstring: say shapes, units and errors")
    hints = hints_of(where, method)
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
        _answer(f"{where} -> item", item)
        return item, True
    if not inspect.iscoroutinefunction(method):
        raise BadFacade(f"{where} is not async: write `async def`, or return AsyncIterator[Item]")
    _answer(f"{where} -> result", result)
    return result, False


def _answer(place: str, hint: Any) -> None:
    _bare(place, hint)
    may_cross(place, hint)
    tellable(place, hint)


def _request(where: str, module: str, protocol: type, method: Any, hints: dict[str, Any]) -> type:
    fields: list[Any] = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        place = f"{where}({parameter.name})"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise BadFacade(f"{place}: no * or **: name each parameter, or take one Value")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise BadFacade(f"{place} has no name for callers: leave out the `/`")
        if parameter.name not in hints:
            raise BadFacade(f"{place} has no type: write `{parameter.name}: SomeValue`")
        hint = hints[parameter.name]
        _bare(place, hint)
        may_cross(place, hint)
        tellable(place, hint)
        default = () if parameter.default is parameter.empty else (_default(place, hint, parameter.default),)
        fields.append((parameter.name, hint, *default))
    name = f"{protocol.__name__}_{method.__name__}_request"
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True, forbid_unknown_fields=True, module=module)


def _default(place: str, hint: Any, default: Any) -> Any:
    """A default crosses as any argument does: it must be a value of its type."""
    try:
        msgspec.json.decode(msgspec.json.encode(default), type=hint)
    except (TypeError, ValueError) as wrong:
        raise BadFacade(f"{place}: its default {default!r} is not of its type: {wrong}") from wrong
    return default


def _bare(place: str, hint: Any) -> None:
    """Limits are enforced when a Value is built; a bare parameter would be checked on the remote side only."""
    marked = get_origin(hint) is Annotated or hint is float or hint is datetime
    if marked or any(_is_marked(part) for part in get_args(hint)):
        raise BadFacade(
            f"{place}: a limit, float or time needs a field of a Value, where local and remote check it alike"
        )


def _is_marked(part: Any) -> bool:
    return part is float or part is datetime or get_origin(part) is Annotated
