"""Whatever bytes come in, on either side, come out as a Fault: never as a bare exception, never as a wrong value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Fault, Invalid, Lost, Undeclared
from kernel.facade import dispatch
from kernel.facade.codec import decode, encode
from kernel.facade.context import Context, Principal
from kernel.facade.headers import from_headers
from kernel.facade.local import local_port
from kernel.facade.strict import strict_port
from kernel.facade.wire import KERNEL_FAULTS, fault_from_wire, fields_of
from kernel.testing.sample import SHELF, NoJar, Shelved
from kernel.testing.values import requests_of, values_of

OPERATIONS = {operation.name: operation for operation in SHELF.operations}

FIELDS = ("name", "jar", "value", "tree", "type", "full", "error", "item", "end", "ran", "message", "fields")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text() | st.sampled_from(FIELDS), part, max_size=4),
    max_leaves=8,
)
GARBAGE = st.binary(max_size=60) | JSON.map(msgspec.json.encode)


def result_or_fault(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Fault as fault:
        return fault


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_body_is_a_request_or_invalid(operation: Any) -> None:
    @given(GARBAGE)
    def law(body: bytes) -> None:
        met = result_or_fault(lambda: decode(body, operation.request))
        assert isinstance(met, operation.request | Invalid)
        assert not isinstance(met, Invalid) or (met.where and met.expected)

    law()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_answer_is_a_result_or_a_fault(operation: Any) -> None:
    @given(GARBAGE)
    def law(reply: bytes) -> None:
        for read in (lambda: dispatch.read_result(operation, reply), lambda: dispatch.read_frame(operation, reply, 3)):
            met = result_or_fault(read)
            assert not isinstance(met, Fault) or met.ran in ("yes", "unknown", "no")
        assert isinstance(dispatch.read_error(operation, reply), Fault | None)

    law()


@given(requests_of(OPERATIONS["reflect"]), st.data())
def test_a_request_cut_anywhere_is_invalid(request: Any, data: st.DataObject) -> None:
    body = encode(request)
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Invalid):
        decode(body[:cut], type(request))


@given(st.dictionaries(st.sampled_from(["homewright-deadline", "traceparent", "idempotency-key"]), st.text()))
def test_headers_are_a_context_or_invalid(headers: dict[str, str]) -> None:
    met = result_or_fault(lambda: from_headers(headers, Context(principal=Principal(name="peer", role="viewer"))))
    if isinstance(met, Invalid):
        assert met.where.startswith("header ")
    else:
        assert len(met.trace_id) == 32


@pytest.mark.parametrize("kind", [*KERNEL_FAULTS.values(), NoJar], ids=lambda kind: kind.__name__)
def test_every_fault_comes_back_as_itself(kind: Any) -> None:
    @given(values_of(fields_of(kind)))
    def law(fields: Any) -> None:
        fault = kind(**msgspec.structs.asdict(fields))
        seen = fault.outward() if isinstance(fault, Undeclared) else fault
        body = decode(dispatch.fault_to_wire(fault), dispatch.ErrorBody)
        back = fault_from_wire(body.error, (NoJar,), "x")
        assert (type(back), back.fields(), back.ran, str(back)) == (kind, seen.fields(), seen.ran, str(seen))

    law()


class Babbling(Shelved):
    async def jar(self, name: str) -> Any:
        raise NoJar(name="\ud800")


async def test_an_error_whose_fields_cannot_cross_is_a_bug_of_the_service() -> None:
    with pytest.raises(Undeclared, match=r"undeclared NoJar$"):
        await strict_port(SHELF, Babbling(), "test").jar("plums")
    with pytest.raises(NoJar):
        await local_port(SHELF, Babbling(), "test").jar("plums")


def test_an_error_with_unreadable_fields_is_lost_and_says_if_it_ran() -> None:
    body = b'{"error": {"type": "kernel.Busy", "ran": "no", "message": "", "fields": {"what": null}}}'
    fault = dispatch.read_error(OPERATIONS["jar"], body)
    assert isinstance(fault, Lost)
    assert fault.ran == "no"
