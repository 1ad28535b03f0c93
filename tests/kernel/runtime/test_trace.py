"""W3C Trace Context: what the specification allows, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.runtime.observe import format_traceparent, parse_traceparent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"


def test_the_example_of_the_specification_is_read() -> None:
    assert parse_traceparent(GOOD.encode()) == (TRACE, SPAN, True)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        GOOD.upper(),
        GOOD + "-extra",
        GOOD + "-",
        GOOD + "\n",
        GOOD[:-1],
        GOOD.replace("00-", "ff-", 1),
        GOOD.replace("00-", "0-", 1),
        GOOD.replace(TRACE, "0" * 32),
        GOOD.replace(SPAN, "0" * 16),
        GOOD.replace(TRACE, TRACE[:-1]),
        GOOD.replace("-", "_"),
        f"01-{TRACE}-{SPAN}-01extra",
    ],
)
def test_what_is_not_valid_is_dropped(header: str) -> None:
    assert parse_traceparent(header.encode()) is None


@pytest.mark.parametrize("header", [f"cc-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-may-come"])
def test_a_later_version_is_read_as_far_as_it_is_known(header: str) -> None:
    assert parse_traceparent(header.encode()) == (TRACE, SPAN, True)


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("ff", True)])
def test_only_the_last_bit_of_the_flags_says_sampled(flags: str, sampled: bool) -> None:
    parsed = parse_traceparent(f"00-{TRACE}-{SPAN}-{flags}".encode())
    assert parsed is not None
    assert parsed.sampled is sampled


@given(trace=st.integers(1, 2**128 - 1), span=st.integers(1, 2**64 - 1), sampled=st.booleans())
def test_what_is_written_is_read(trace: int, span: int, sampled: bool) -> None:
    ids = (f"{trace:032x}", f"{span:016x}", sampled)
    assert parse_traceparent(format_traceparent(*ids).encode()) == ids


@given(st.binary(max_size=120))
@example(b"00-" + b"-" * 60)
def test_no_header_breaks_the_parser(header: bytes) -> None:
    parse_traceparent(header)
