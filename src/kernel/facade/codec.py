"""Values to JSON and back, strictly: `"1"` is no int, and what does not fit raises Invalid with the place.

Decoders are built once per type and kept.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec

from kernel.errors import Invalid
from kernel.facade.unknown import may_hold_unknown, refuse_unknown

_PLACE = re.compile(r"^(?P<expected>.*?)(?: - at `(?P<place>[^`]*)`)?$", re.DOTALL)


def encode(value: Any) -> bytes:
    """JSON bytes. Raises Invalid for what JSON cannot hold."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise Invalid(where=type(value).__name__, expected=f"a value that JSON can hold ({error})") from error


def decode(data: bytes, kind: Any, what: str = "body") -> Any:
    """A value of the type `kind`. Raises Invalid; its `where` starts with `what` when the whole is meant."""
    try:
        return decoder(kind).decode(data)
    except RecursionError as error:
        raise too_deep(what) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unfit(error, what) from error


def decode_strictly(data: bytes, kind: Any, what: str = "body") -> Any:
    """As `decode`, for what others ask of us: a field that `kind` does not have, at any depth, is Invalid too."""
    found = decode(data, kind, what)
    if may_hold_unknown(kind):
        refuse_unknown(decode(data, Any, what), kind, what)
    return found


def too_deep(what: str) -> Invalid:
    """For a RecursionError met while decoding: it is the sender's doing, no bug."""
    return Invalid(where=what, expected="JSON that is nested less deeply")


@cache
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=True)


def unfit(error: Exception, what: str) -> Invalid:
    """msgspec's ``Expected `int`, got `str` - at `$.rule.name` `` as Invalid."""
    match = _PLACE.match(str(error))
    place = (match["place"] or "") if match else ""
    where = place.removeprefix("$").removeprefix(".") or what
    return Invalid(where=where, expected=match["expected"] if match else str(error))
