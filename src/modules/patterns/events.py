"""What others may hear from `patterns`."""

from __future__ import annotations

from typing import ClassVar

from kernel.facade import Count, Instant
from kernel.facade.event import Event


class PatternsEvent(Event, frozen=True, kw_only=True):
    module: ClassVar[str] = "patterns"


class HistoryImported(PatternsEvent, frozen=True, kw_only=True):
    """New history is visible."""

    import_id: str
    source: str
    added: Count
    first: Instant | None = None
    last: Instant | None = None


class HabitsFound(PatternsEvent, frozen=True, kw_only=True):
    """A learning ended; `habit_ids` replace those of the learning before. May be empty."""

    learning_id: str
    habit_ids: tuple[str, ...]
