"""The questions that the past answers, over REST."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get
from litestar.params import FromQuery, QueryParameter

from kernel.runtime.access import guard
from modules.patterns.facade import History
from modules.patterns.routes.asked import converted
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    Duration,
    DurationQuestion,
    HomeState,
    HourCounts,
    LastChange,
    LastQuestion,
)

Into = Annotated[str, QueryParameter(name="state")]
PerhapsInto = Annotated[str | None, QueryParameter(name="state")]
"""`state` is a name that Litestar keeps for itself in handlers; on the wire it is ours."""


def questions(history: History) -> list[Any]:
    return [*_of_an_entity(history), _as_of(history)]


def _of_an_entity(history: History) -> list[Any]:
    @get(
        "/api/v1/history/last",
        guards=[guard("viewer")],
        summary="The last change of an entity (into a state, before an instant); null if there is none",
        tags=["history"],
    )
    async def last(
        entity_id: FromQuery[str], into: PerhapsInto = None, before: FromQuery[str | None] = None
    ) -> LastChange | None:
        return await history.last_change(converted(LastQuestion, entity_id=entity_id, state=into, before=before))

    @get(
        "/api/v1/history/duration",
        guards=[guard("viewer")],
        summary="How long an entity was in a state in start <= time < end, and how much of that is not known",
        tags=["history"],
    )
    async def duration(entity_id: FromQuery[str], within: Into, start: FromQuery[str], end: FromQuery[str]) -> Duration:
        window = {"start": start, "end": end}
        return await history.duration(converted(DurationQuestion, entity_id=entity_id, state=within, window=window))

    @get(
        "/api/v1/history/counts",
        guards=[guard("viewer")],
        summary="How often an entity changed (into a state), by local weekday and hour",
        tags=["history"],
    )
    async def counts(
        entity_id: FromQuery[str],
        into: PerhapsInto = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        origin: FromQuery[list[str] | None] = None,
    ) -> HourCounts:
        asked = converted(CountsQuestion, entity_id=entity_id, state=into, start=start, end=end, origins=origin)
        return await history.counts(asked)

    return [last, duration, counts]


def _as_of(history: History) -> Any:
    @get(
        "/api/v1/history/as-of",
        guards=[guard("viewer")],
        summary="The state of the home (of some entities) at an instant",
        tags=["history"],
    )
    async def as_of(at: FromQuery[str], entity_id: FromQuery[list[str] | None] = None) -> HomeState:
        return await history.as_of(converted(AsOfQuestion, at=at, entity_ids=entity_id))

    return as_of
