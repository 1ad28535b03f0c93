"""Suggestions and rendered rules over REST: viewers read, operators dismiss."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery

from kernel.errors import Invalid
from kernel.facade import Value
from kernel.facade.codec import decode_strictly
from kernel.runtime.access.guard import guard
from kernel.runtime.wiring import Ports
from modules.automation.facade import Automations, Suggestions
from modules.automation.types import Refreshed, RenderedAutomation, Suggestion, SuggestionQuestion
from modules.patterns.types import Rule

AnyRequest = Request[Any, Any, Any]


class Dismissal(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a suggestion is not wanted."""

    reason: str = ""


def routes(ports: Ports) -> list[Any]:
    return [*_suggestions(ports.of(Suggestions)), _render(ports.of(Automations))]


def _suggestions(port: Suggestions) -> list[Any]:
    @get(
        "/api/v1/suggestions",
        guards=[guard("viewer")],
        summary="Suggestions, best first; states=new,dismissed,expired (default new; empty: all)",
        tags=["automation"],
    )
    async def listed(states: FromQuery[str] = "new", limit: FromQuery[str] = "100") -> list[Suggestion]:
        return list(await port.suggestions(_question(states, limit)))

    @get("/api/v1/suggestions/{suggestion_id:str}", guards=[guard("viewer")], summary="One", tags=["automation"])
    async def one(suggestion_id: FromPath[str]) -> Suggestion:
        return await port.suggestion(suggestion_id)

    @post(
        "/api/v1/suggestions/{suggestion_id:str}/dismiss",
        guards=[guard("operator")],
        status_code=200,
        summary='Never show it again; body {"reason": "…"} or none',
        tags=["automation"],
    )
    async def dismiss(request: AnyRequest, suggestion_id: FromPath[str]) -> Suggestion:
        dismissal: Dismissal = decode_strictly(await request.body() or b"{}", Dismissal)
        return await port.dismiss(suggestion_id, dismissal.reason)

    @post(
        "/api/v1/suggestions/refresh",
        guards=[guard("operator")],
        status_code=200,
        summary="Take over the habits of the last learning now",
        tags=["automation"],
    )
    async def refresh() -> Refreshed:
        return await port.refresh()

    return [listed, one, dismiss, refresh]


def _render(port: Automations) -> Any:
    @post(
        "/api/v1/automations/render",
        guards=[guard("viewer")],
        status_code=200,
        summary="A rule (the body) as Home Assistant YAML and as a sentence",
        tags=["automation"],
    )
    async def render(request: AnyRequest) -> RenderedAutomation:
        rule: Rule = decode_strictly(await request.body(), Rule)
        return await port.render(rule)

    return render


def _question(states: str, limit: str) -> SuggestionQuestion:
    asked = {"states": states.split(",") if states else [], "limit": limit}
    try:
        return msgspec.convert(asked, SuggestionQuestion, strict=False)
    except msgspec.ValidationError as problem:
        raise Invalid(where="query", expected=str(problem)) from None
