"""What others may hear from `automation`."""

from __future__ import annotations

from typing import ClassVar

from kernel.facade.event import Event


class AutomationEvent(Event, frozen=True, kw_only=True):
    module: ClassVar[str] = "automation"
    suggestion_id: str

    def key(self) -> str:
        return self.suggestion_id


class SuggestionAdded(AutomationEvent, frozen=True, kw_only=True):
    """A habit is offered for the first time."""

    sentence: str


class SuggestionDismissed(AutomationEvent, frozen=True, kw_only=True):
    """A person does not want it; it never comes back."""

    reason: str


class SuggestionExpired(AutomationEvent, frozen=True, kw_only=True):
    """The habit behind it was not found in the last learning."""


class SuggestionReturned(AutomationEvent, frozen=True, kw_only=True):
    """The habit behind an expired suggestion was found again."""
