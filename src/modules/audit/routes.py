"""The trail over REST: search and export for viewers, the whole verification for operators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Stream

from kernel.errors import Fault, Invalid
from kernel.facade.wire import fault_to_wire
from kernel.runtime.access.guard import guard
from kernel.runtime.wiring import Ports
from modules.audit.facade import Trail
from modules.audit.types import Record, TrailQuestion, Verification

NDJSON = "application/x-ndjson"


def routes(ports: Ports) -> list[Any]:
    trail = ports.of(Trail)

    @get("/api/v1/audit/records", guards=[guard("viewer")], summary="Search the trail, oldest first", tags=["audit"])
    async def search(
        topic: FromQuery[str | None] = None,
        actor: FromQuery[str | None] = None,
        since: FromQuery[str | None] = None,
        until: FromQuery[str | None] = None,
        after_sequence: FromQuery[str | None] = None,
        limit: FromQuery[str | None] = None,
    ) -> list[Record]:
        asked = _question(
            topic=topic, actor=actor, since=since, until=until, after_sequence=after_sequence, limit=limit
        )
        return list(await trail.search(asked))

    @get(
        "/api/v1/audit/export",
        guards=[guard("viewer")],
        summary="All records that match, one JSON object per line, oldest first",
        tags=["audit"],
    )
    async def export(
        topic: FromQuery[str | None] = None,
        actor: FromQuery[str | None] = None,
        since: FromQuery[str | None] = None,
        until: FromQuery[str | None] = None,
        after_sequence: FromQuery[str | None] = None,
    ) -> Stream:
        asked = _question(topic=topic, actor=actor, since=since, until=until, after_sequence=after_sequence)
        records = trail.export(asked)
        # The first record is fetched before the status is sent: what fails at once, fails with its own status.
        first = await anext(records, None)
        return Stream(_lines(first, records), media_type=NDJSON)

    @get(
        "/api/v1/audit/verification",
        guards=[guard("operator")],
        summary="Read the whole chain; 409 and the first bad record when it is broken",
        tags=["audit"],
    )
    async def verify() -> Response[Verification]:
        verdict = await trail.verify()
        return Response(verdict, status_code=200 if verdict.intact else 409)

    return [search, export, verify]


def _question(**asked: str | None) -> TrailQuestion:
    """Strings from a query as the question. Raises Invalid."""
    given = {name: value for name, value in asked.items() if value is not None}
    try:
        return msgspec.convert(given, TrailQuestion, strict=False)
    except Invalid:
        raise
    except msgspec.ValidationError as problem:
        raise Invalid(where="query", expected=str(problem)) from None


async def _lines(first: Record | None, records: AsyncIterator[Record]) -> AsyncIterator[bytes]:
    """A record per line; a failure on the way is the last line, never a silent end."""
    if first is None:
        return
    try:
        yield msgspec.json.encode(first) + b"\n"
        async for record in records:
            yield msgspec.json.encode(record) + b"\n"
    except Fault as fault:
        yield fault_to_wire(fault) + b"\n"
