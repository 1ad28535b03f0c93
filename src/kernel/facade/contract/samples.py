"""One request and one reply of every operation, and each of its errors, made up from the types; the same each time.

They show strangers what goes over the wire, and let a test hold today's decoders to yesterday's bytes. Text with a
pattern takes the pattern's `Meta(examples=…)` or one of a few usual texts.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import inspect

from kernel.facade.operation import Operation
from kernel.facade.wire import fault_name, fields_of

Json = dict[str, Any]

_INSTANT = "2026-11-20T07:30:00Z"
_TEXTS = (
    "light.kitchen",
    "light.turn_on",
    "07:30",
    "07:30:00",
    "0" * 64,
    "0" * 32,
    "kitchen",
    "Europe/Berlin",
    "2026-11-20",
)


def sample_of(operation: Operation) -> Json:
    """`request`, then `reply` or (of a stream) `items`, then `errors` as they go over the wire."""
    result = sample_value(operation.result)
    return {
        "request": sample_value(operation.request),
        **({"items": [result]} if operation.streams else {"reply": result}),
        "errors": {fault_name(kind): sample_error(kind) for kind in operation.raises},
    }


def sample_error(kind: Any) -> Json:
    """The error body of a declared error."""
    fields = sample_value(fields_of(kind))
    fault = kind(**msgspec.structs.asdict(msgspec.convert(fields, fields_of(kind))))
    return {"error": {"type": fault_name(kind), "ran": fault.ran, "message": str(fault), "fields": fields}}


def sample_value(hint: Any) -> Any:
    """A value of a type as JSON's own values."""
    return _sample(inspect.type_info(hint), "", ())


def _sample(info: Any, name: str, above: tuple[type, ...]) -> Any:
    if isinstance(info, inspect.Metadata):
        examples = (info.extra_json_schema or {}).get("examples")
        return examples[0] if examples else _sample(info.type, name, above)
    if isinstance(info, inspect.StructType):
        return _struct(info, above)
    if isinstance(info, inspect.UnionType):
        return _sample(_members(info, above)[0], name, above)
    if isinstance(info, inspect.VarTupleType):
        return _tuple(info, name, above)
    if isinstance(info, inspect.TupleType):
        return [_sample(item, name, above) for item in info.item_types]
    if isinstance(info, inspect.LiteralType):
        return min(info.values, key=str)
    if isinstance(info, inspect.EnumType):
        return next(iter(info.cls)).value
    return _scalar(info, name)


def _struct(info: inspect.StructType, above: tuple[type, ...]) -> Json:
    tag = {} if info.tag is None else {str(info.tag_field): info.tag}
    return tag | {field.encode_name: _sample(field.type, field.name, (*above, info.cls)) for field in info.fields}


def _tuple(info: inspect.VarTupleType, name: str, above: tuple[type, ...]) -> list[Any]:
    """One item of each kind; none where a struct would hold itself, unless some are needed."""
    kinds = _members(info.item_type, above) if isinstance(info.item_type, inspect.UnionType) else [info.item_type]
    kinds = [kind for kind in kinds if getattr(kind, "cls", None) not in above]
    items = [_sample(kind, name, above) for kind in kinds[: info.max_length]]
    return (items * max(1, info.min_length or 0))[: max(len(items), info.min_length or 0)]


def _members(info: inspect.UnionType, above: tuple[type, ...]) -> list[inspect.Type]:
    """The kinds of a union, null last, those that would hold themselves left out while there are others."""
    kinds = sorted(info.types, key=lambda kind: isinstance(kind, inspect.NoneType))
    return [kind for kind in kinds if getattr(kind, "cls", None) not in above] or kinds


def _scalar(info: Any, name: str) -> Any:
    if isinstance(info, inspect.StrType):
        return _text(info, name)
    if isinstance(info, inspect.IntType | inspect.FloatType):
        return _number(info)
    if isinstance(info, inspect.DateTimeType):
        return _INSTANT
    if isinstance(info, inspect.BytesType):
        return "AA=="
    return True if isinstance(info, inspect.BoolType) else None


def _text(info: inspect.StrType, name: str) -> str:
    least, most = info.min_length or 0, info.max_length or 1_000
    for text in (name or "text", *_TEXTS):
        if least <= len(text) <= most and (info.pattern is None or re.search(info.pattern, text)):
            return text
    raise LookupError(f"no sample text is known for {name}: give its type Meta(examples=[…]) that match {info.pattern}")


def _number(info: Any) -> Any:
    whole = isinstance(info, inspect.IntType)
    low = info.ge if info.ge is not None else info.gt
    high = info.le if info.le is not None else info.lt
    number: Any = 1 if whole else 0.5
    if low is not None and not low < number:
        number = low + 1 if high is None or low + 1 < high else (low + high) / 2
    if high is not None and not number < high:
        number = high - 1 if low is None or high - 1 > low else (low + high) / 2
    return int(number) if whole else float(number)
