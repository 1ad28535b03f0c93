"""Suggestions and rendered automations."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kernel.facade import Count, Instant, Value
from modules.patterns.types import Habit, Rule

SuggestionState = Literal["new", "dismissed", "expired"]
"""new: waits for a person. dismissed: never shown again. expired: the habit was not found any more."""


class RenderedAutomation(Value, frozen=True, kw_only=True):
    """A rule in Home Assistant's present syntax, and the same in one plain sentence."""

    automation_id: str
    yaml: str
    """A list with one automation, as in automations.yaml."""
    sentence: str


class Suggestion(Value, frozen=True, kw_only=True):
    """A habit offered as an automation, with its evidence and its score on weeks never seen (`habit.tested`)."""

    id: str
    """Stable: the habit's id."""
    state: SuggestionState
    habit: Habit
    automation: RenderedAutomation
    created_at: Instant
    updated_at: Instant
    dismissed_because: str | None = None

    @property
    def rule(self) -> Rule:
        return self.habit.rule


class SuggestionQuestion(Value, frozen=True, kw_only=True):
    """Suggestions in one of `states` (empty: all), best first."""

    states: tuple[SuggestionState, ...] = ("new",)
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Refreshed(Value, frozen=True, kw_only=True):
    """How the list changed."""

    added: Count
    updated: Count
    expired: Count
