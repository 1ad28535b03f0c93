"""Faults on the wire: `{"error": {"type": "patterns.HistoryTooShort", "ran": "no", "message": …, "fields": {…}}}`.

A fault's name there is its module's name and its own; its fields are typed by its annotations, as any value's are. What
an exception of ours says of a mistake does not cross: it is in the log of the process that made it, with the trace.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, get_origin, get_type_hints

import msgspec

from kernel import errors
from kernel.errors import Fault, Lost, Ran, Undeclared
from kernel.facade.codec import decode, encode

_log = logging.getLogger("homewright.facade")


class WireError(msgspec.Struct, frozen=True, kw_only=True):
    """A fault as JSON."""

    type: str
    ran: Ran
    message: str
    fields: msgspec.Raw = msgspec.Raw(b"{}")


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer that is no result holds."""

    error: WireError


def fault_name(kind: type[Fault]) -> str:
    """`patterns.HistoryTooShort`, `kernel.Invalid`."""
    parts = kind.__module__.split(".")
    module = parts[1] if parts[0] == "modules" and len(parts) > 1 else parts[0]
    return f"{module}.{kind.__name__}"


KERNEL_FAULTS: dict[str, type[Fault]] = {
    fault_name(kind): kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, Fault) and kind.__module__ == errors.__name__
}


def fault_to_wire(fault: Fault) -> bytes:
    """The fault as an error body. One that cannot cross is a bug of who raised it, and goes as Undeclared."""
    try:
        return encode(ErrorBody(error=as_wire(fault)))
    except errors.Invalid as bad:
        where = str(fault.__dict__.get("through", "unknown"))
        bug = undeclared(where, fault, f"its fields cannot cross: {bad.where}")
        return encode(ErrorBody(error=as_wire(bug)))


def undeclared(operation: str, error: Exception, detail: str) -> Undeclared:
    """The fault for a mistake of ours. Made where the mistake is: its text is logged here, and nowhere else seen."""
    bug = Undeclared(operation=operation, kind=type(error).__name__, detail=detail[:500])
    _log.error("%s", bug, exc_info=error)
    return bug


def as_wire(fault: Fault) -> WireError:
    if isinstance(fault, Undeclared):
        fault = fault.outward()
    fields = msgspec.Raw(encode(fault.fields()))
    return WireError(type=fault_name(type(fault)), ran=fault.ran, message=str(fault), fields=fields)


def fault_from_wire(error: WireError, declared: Iterable[type[Fault]], operation: str) -> Fault:
    """The fault that the other side raised; Lost when it is none that this side knows."""
    known = KERNEL_FAULTS | {fault_name(kind): kind for kind in declared}
    kind = known.get(error.type)
    if kind is None:
        reason = f"it answered with {error.type}, unknown here: {error.message}"
        return Lost(operation=operation, reason=reason).saying(error.ran)
    try:
        fields = decode(bytes(error.fields), fields_of(kind), "fields")
    except errors.Invalid as bad:
        return Lost(operation=operation, reason=f"it answered {error.type} with unreadable fields ({bad})").saying(
            error.ran
        )
    return kind(**msgspec.structs.asdict(fields)).saying(error.ran)


def fields_of(kind: type[Fault]) -> type[msgspec.Struct]:
    """A Struct with the fields of a kind of fault, for decoding and for contracts. Made once."""
    key: Any = kind
    return _fields_of(key)


@cache
def _fields_of(kind: Any) -> type[msgspec.Struct]:
    hints = {
        name: hint
        for name, hint in get_type_hints(kind, include_extras=True).items()
        if hint is not ClassVar and get_origin(hint) is not ClassVar
    }
    fields: list[Any] = [
        (name, hint, *((getattr(kind, name),) if hasattr(kind, name) else ())) for name, hint in hints.items()
    ]
    return msgspec.defstruct(kind.__name__, fields, frozen=True, kw_only=True, module=kind.__module__)
