"""The context as HTTP headers, both ways.

Homewright-Deadline    seconds that remain       traceparent        W3C Trace Context, version 00
Homewright-Caller      the calling module        Idempotency-Key    of a write
Homewright-Principal   percent-encoded name      Homewright-Role    believed only from a token of role admin
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from math import isfinite
from typing import cast, get_args
from urllib.parse import quote, unquote

from kernel.errors import Invalid
from kernel.facade.context import Context, Principal, Role, new_span_id, new_trace_id

DEADLINE = "homewright-deadline"
CALLER = "homewright-caller"
PRINCIPAL = "homewright-principal"
ROLE = "homewright-role"
KEY = "idempotency-key"
TRACE = "traceparent"

_TRACE = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_CALLER = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def to_headers(context: Context, caller: str, seconds: float | None, key: str | None) -> dict[str, str]:
    """What goes with one attempt. `seconds` remain for it; a trace is begun if there is none."""
    headers = {
        CALLER: caller,
        TRACE: f"00-{context.trace_id or new_trace_id()}-{new_span_id()}-01",
    }
    if seconds is not None:
        headers[DEADLINE] = f"{seconds:.3f}"
    if key is not None:
        headers[KEY] = key
    if context.principal is not None:
        headers[PRINCIPAL] = quote(context.principal.name, safe="")
        headers[ROLE] = context.principal.role
    return headers


def from_headers(headers: Mapping[str, str], within: Context) -> Context:
    """The context of a call from outside. `within` is what the process's door made of the request: principal, trace.

    Raises Invalid for a header that makes no sense; a malformed `traceparent` begins a new trace, as W3C wants it.
    """
    seconds = _seconds(headers.get(DEADLINE))
    trace_id, span_id = within.trace_id, within.span_id
    if trace_id is None:
        trace_id, span_id = _trace(headers.get(TRACE, "")) or (new_trace_id(), None)
    return Context(
        deadline=None if seconds is None else time.monotonic() + seconds,
        trace_id=trace_id,
        span_id=span_id,
        caller=_matching(headers, CALLER, _CALLER, "a module's name of at most 64 letters") or "outside",
        principal=_principal(headers, within.principal),
        key=_matching(headers, KEY, _KEY, "at most 200 visible ASCII characters"),
    )


def _trace(text: str) -> tuple[str, str] | None:
    """Trace and span. Version 00 ends with its flags; what a later one adds is passed over, as W3C wants it."""
    found = _TRACE.fullmatch(text)
    if found is None or (found[1] == "00" and found[4] is not None):
        return None
    return found[2], found[3]


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not isfinite(seconds):
        raise Invalid(where=f"header {DEADLINE}", expected=f"the seconds that remain, such as 2.5, not {text[:40]!r}")
    return seconds


def _matching(headers: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str | None:
    text = headers.get(name)
    if text is not None and not pattern.fullmatch(text):
        raise Invalid(where=f"header {name}", expected=f"{expected}, not {text[:40]!r}")
    return text


def _principal(headers: Mapping[str, str], token: Principal | None) -> Principal | None:
    name = headers.get(PRINCIPAL)
    if name is None or token is None or token.role != "admin":
        return token
    role = headers.get(ROLE)
    if role not in get_args(Role):
        raise Invalid(where=f"header {ROLE}", expected=f"one of {', '.join(get_args(Role))}, not {str(role)[:40]!r}")
    return Principal(name=unquote(name), role=cast(Role, role))
