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
    json: str = ""
    """The same automation as one JSON object, for programs. Empty in suggestions that an older version stored."""


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

    @property
    def seen(self) -> str:
        """The evidence in plain words."""
        evidence = self.habit.evidence
        return (
            f"seen on {evidence.support_days} of {evidence.possible_days} days that could have had it "
            f"(chance alone: about {evidence.expected_days:.1f})"
        )

    @property
    def worth(self) -> str:
        """What the automation would have done on the weeks that were not used to find it, in plain words."""
        tested = self.habit.tested
        right, weeks = tested.precision, tested.window.days / 7
        if not right.tries:
            return f"on {weeks:.1f} unseen weeks it would never have done anything, so nothing is known of its worth"
        return (
            f"on {weeks:.1f} unseen weeks it would have saved {tested.saved_per_week:.1f} of your switch presses "
            f"a week, with {tested.false_per_day:.2g} false firings a day ({right.hits} of {right.tries} right, "
            f"95 % bounds {right.low * 100:.0f}–{right.high * 100:.0f} %)"
        )


class SuggestionQuestion(Value, frozen=True, kw_only=True):
    """Suggestions in one of `states` (empty: all), best first."""

    states: tuple[SuggestionState, ...] = ("new",)
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class Refreshed(Value, frozen=True, kw_only=True):
    """How the list changed."""

    added: Count
    updated: Count
    expired: Count
    refused: Count = 0
    """Habits that cannot be written for Home Assistant, and so are not offered."""
