"""The contract of a module as plain JSON: operations, and every type, error and event that they reach.

Types are named by module and class (`patterns.Rule`) and written once. Docstrings are left out: they promise nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from kernel.facade.event import Event
from kernel.facade.operation import Facade, Operation
from kernel.facade.wire import fault_name, fields_of

Json = dict[str, Any]

_LIMITS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")
_PLAIN: Mapping[type[inspect.Type], str] = {
    inspect.StrType: "str",
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.BoolType: "bool",
    inspect.BytesType: "bytes",
    inspect.NoneType: "null",
    inspect.DateTimeType: "instant",
}


def contract_of(facades: Iterable[Facade], events: Iterable[type[Event]] = ()) -> Json:
    """The whole promise of a module. The same facades give the same document, byte for byte once encoded."""
    types: Json = {}
    errors: Json = {}
    return {
        "facades": {facade.name: _facade(facade, types, errors) for facade in sorted(facades, key=lambda f: f.name)},
        "events": {event.__name__: _struct(event, types)["fields"] for event in sorted(events, key=_name_of)},
        "errors": dict(sorted(errors.items())),
        "types": dict(sorted(types.items())),
    }


@cache
def contract_hash(facade: Facade) -> str:
    """64 hex digits: two processes may share calls to a facade only if theirs are equal."""
    return hashlib.sha256(msgspec.json.encode(contract_of([facade]), order="sorted")).hexdigest()


def _facade(facade: Facade, types: Json, errors: Json) -> Json:
    return {
        operation.name: _operation(operation, types, errors)
        for operation in sorted(facade.operations, key=lambda operation: operation.name)
    }


def _operation(operation: Operation, types: Json, errors: Json) -> Json:
    for error in operation.raises:
        errors[fault_name(error)] = _struct(fields_of(error), types)["fields"] | {}
    return {
        "effect": operation.effect.kind,
        "idempotent": operation.effect.idempotent,
        "streams": operation.streams,
        "params": _struct(operation.request, types)["fields"],
        "result": _type(inspect.type_info(operation.result), types),
        "raises": sorted(fault_name(error) for error in operation.raises),
    }


def _struct(kind: type, types: Json) -> Json:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    written: Json = {"fields": {field.encode_name: _field(field, types) for field in info.fields}}
    if info.tag is not None:
        written = {"tag": info.tag, "tag_field": info.tag_field, **written}
    return written


def _field(field: inspect.Field, types: Json) -> Json:
    written: Json = {"type": _type(field.type, types), "required": field.required}
    if not field.required and field.default is not msgspec.NODEFAULT:
        written["default"] = msgspec.to_builtins(field.default)
    return written


def _type(info: inspect.Type, types: Json) -> Any:
    """A plain type as its name, any other as an object with `is`."""
    if isinstance(info, inspect.Metadata):
        return _type(info.type, types)
    if isinstance(info, inspect.StructType):
        return _named(info, types)
    if isinstance(info, inspect.UnionType):
        return {"is": "one_of", "types": [_type(part, types) for part in info.types]}
    if isinstance(info, inspect.VarTupleType):
        return {"is": "tuple", "item": _type(info.item_type, types), **_limits(info)}
    if isinstance(info, inspect.TupleType):
        return {"is": "fixed_tuple", "items": [_type(part, types) for part in info.item_types]}
    if isinstance(info, inspect.LiteralType):
        return {"is": "literal", "values": sorted(info.values, key=str)}
    if isinstance(info, inspect.EnumType):
        return {"is": "literal", "values": sorted((_value_of(member) for member in info.cls), key=str)}
    name, limits = _PLAIN[type(info)], _limits(info)
    return {"is": name, **limits} if limits else name


def _named(info: inspect.StructType, types: Json) -> Json:
    name = type_name(info.cls)
    if name not in types:
        types[name] = {}  # A type that reaches itself finds this and goes no further.
        types[name] = _struct(info.cls, types)
    return {"is": "struct", "name": name}


def type_name(kind: type) -> str:
    """`patterns.Rule`, `kernel.JobStatus`."""
    parts = kind.__module__.split(".")
    return f"{parts[1] if parts[0] == 'modules' and len(parts) > 1 else parts[0]}.{kind.__name__}"


def _limits(info: Any) -> Json:
    found = {name: getattr(info, name, None) for name in _LIMITS}
    return {name: limit for name, limit in found.items() if limit is not None}


def _value_of(member: Any) -> Any:
    return member.value if isinstance(member, Enum) else member


def _name_of(kind: type) -> str:
    return kind.__name__
