"""From habits to automations that a person can read, judge and use."""

from __future__ import annotations

from typing import ClassVar, Protocol

from kernel.facade import Raises, checked, read, write
from modules.automation.errors import NotExpressible, UnknownSuggestion
from modules.automation.types import Refreshed, RenderedAutomation, Suggestion, SuggestionQuestion
from modules.patterns.types import Rule


class Suggestions(Protocol):
    """What the house proposes. Nothing here changes the home."""

    raises: ClassVar[Raises] = (UnknownSuggestion,)

    @write(idempotent=True)
    async def refresh(self) -> Refreshed:
        """Take over the habits of the last learning: new ones are added, known ones updated, lost ones expire."""

    @read
    async def suggestions(self, question: SuggestionQuestion) -> tuple[Suggestion, ...]:
        """The suggestions asked for, best first (as the habits are ranked)."""

    @read
    async def suggestion(self, suggestion_id: str) -> Suggestion:
        """One suggestion in any state. Raises UnknownSuggestion."""

    @write(idempotent=True)
    async def dismiss(self, suggestion_id: str, reason: str = "") -> Suggestion:
        """Never show it again, whatever later learnings find. Raises UnknownSuggestion."""


class Automations(Protocol):
    """Rules as Home Assistant automations."""

    raises: ClassVar[Raises] = (NotExpressible,)

    @read
    async def render(self, rule: Rule) -> RenderedAutomation:
        """The rule as YAML (`triggers`, `conditions`, `actions`) and as a sentence. Raises NotExpressible."""


FACADES = checked("automation", Suggestions, Automations)
