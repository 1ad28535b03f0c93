"""W3C Trace Context, level 1: `00-<32 hex trace id>-<16 hex parent id>-<2 hex flags>`.

https://www.w3.org/TR/trace-context/: lower case only; all-zero ids are invalid; version ff is invalid; a version that
we do not know may carry more after a dash. What is invalid is dropped and a new trace begins.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_HEADER: Final = re.compile(rb"\A([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z", re.DOTALL)
_NO_TRACE: Final = b"0" * 32
_NO_SPAN: Final = b"0" * 16


class Traceparent(NamedTuple):
    trace_id: str
    span_id: str
    sampled: bool


def parse_traceparent(header: bytes) -> Traceparent | None:
    """The caller's trace and span, or None if the header is not valid."""
    match = _HEADER.match(header.strip(b" \t"))
    if match is None:
        return None
    version, trace, span, flags, more = match.groups()
    if version == b"ff" or trace == _NO_TRACE or span == _NO_SPAN or (version == b"00" and more):
        return None
    return Traceparent(trace.decode(), span.decode(), bool(int(flags, 16) & 1))


def format_traceparent(trace_id: str, span_id: str, sampled: bool = True) -> str:
    """The header for a call that we make."""
    return f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"
