"""The facades of `automation` at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from kernel.data import Database, Tx
from kernel.data.once import once
from kernel.facade.event import Envelope
from modules.automation.errors import UnknownSuggestion
from modules.automation.facade import Automations, Suggestions
from modules.automation.internal import store
from modules.automation.internal.domain.render import render
from modules.automation.internal.domain.takeover import take_over
from modules.automation.types import Refreshed, RenderedAutomation, Suggestion, SuggestionQuestion
from modules.patterns import Patterns
from modules.patterns.types import Habits, Rule

CONSUMER: Final = "automation.suggestions"
_NOTHING: Final = Refreshed(added=0, updated=0, expired=0)


class SuggestionService(Suggestions):
    """Answers `Suggestions`, and hears when habits were found."""

    def __init__(self, database: Database, patterns: Patterns, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._patterns = patterns
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> Refreshed:
        async with self._one_at_a_time:
            habits = await self._patterns.habits()
            return await once(
                self._database, "Suggestions.refresh", (), Refreshed, lambda tx: self._take_over(tx, habits)
            )

    async def hear(self, envelope: Envelope) -> None:
        """A learning ended: take over its habits, once per event."""
        async with self._one_at_a_time:
            habits = await self._patterns.habits()
            await self._database.write(lambda tx: self._hear(tx, envelope, habits))

    async def suggestions(self, question: SuggestionQuestion) -> tuple[Suggestion, ...]:
        return await self._database.read(lambda tx: store.asked(tx, question))

    async def suggestion(self, suggestion_id: str) -> Suggestion:
        return await self._database.read(lambda tx: _known(tx, suggestion_id))

    async def dismiss(self, suggestion_id: str, reason: str = "") -> Suggestion:
        return await once(
            self._database,
            "Suggestions.dismiss",
            (suggestion_id, reason),
            Suggestion,
            lambda tx: self._dismiss(tx, suggestion_id, reason),
        )

    def _hear(self, tx: Tx, envelope: Envelope, habits: Habits) -> None:
        if store.unheard(tx, CONSUMER, envelope.id):
            self._take_over(tx, habits)

    def _take_over(self, tx: Tx, habits: Habits) -> Refreshed:
        """Before the first learning nothing is known, so nothing is lost either."""
        if habits.report is None:
            return _NOTHING
        plan = take_over(store.every(tx), habits.habits, self._clock())
        store.take_over(tx, plan)
        return Refreshed(
            added=len(plan.added),
            updated=len(plan.updated) + len(plan.returned),
            expired=len(plan.expired),
            refused=plan.refused,
        )

    def _dismiss(self, tx: Tx, suggestion_id: str, reason: str) -> Suggestion:
        known = _known(tx, suggestion_id)
        if known.state == "dismissed":
            return known
        dismissed = replace(known, state="dismissed", dismissed_because=reason, updated_at=self._clock())
        store.dismiss(tx, dismissed)
        return dismissed


class AutomationService(Automations):
    """Answers `Automations`."""

    async def render(self, rule: Rule) -> RenderedAutomation:
        return render(rule)


def _known(tx: Tx, suggestion_id: str) -> Suggestion:
    found = store.one(tx, suggestion_id)
    if found is None:
        raise UnknownSuggestion(suggestion_id=suggestion_id)
    return found
