"""What can be asked of the past, and the answers. Each says what the record does not know, instead of guessing it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from kernel.facade import Count, Instant, Share, Value
from modules.patterns.types.history import Origin, ZoneName
from modules.patterns.types.rule import EntityId
from modules.patterns.types.score import Window

StateName = Annotated[str, Meta(max_length=255)]
Seconds = Annotated[float, Meta(ge=0.0)]
Day = tuple[
    Count, Count, Count, Count, Count, Count, Count, Count, Count, Count, Count, Count,
    Count, Count, Count, Count, Count, Count, Count, Count, Count, Count, Count, Count,
]  # fmt: skip
"""Hour by hour, from the one that begins at local midnight."""


class LastQuestion(Value, frozen=True, kw_only=True):
    """The last change of an entity before an instant (None: of all), into `state` (None: into any)."""

    entity_id: EntityId
    state: StateName | None = None
    before: Instant | None = None


class LastChange(Value, frozen=True, kw_only=True):
    """An entity came out of one state into another. `from_state` None: it was in `state` when first seen, at `at`."""

    at: Instant
    entity_id: EntityId
    state: str
    from_state: str | None
    origin: Origin


class DurationQuestion(Value, frozen=True, kw_only=True):
    entity_id: EntityId
    state: StateName
    window: Window


class Duration(Value, frozen=True, kw_only=True):
    """How long an entity was in a state within a window.

    Unknown is the time before it was first seen, while it was `unavailable` or `unknown` (unless that is what was
    asked), and after the last change of the whole record: nobody knows whether something was still being recorded.
    """

    entity_id: EntityId
    state: str
    window: Window
    seconds: Seconds
    unknown_seconds: Seconds
    entered: Count
    """How often it came into the state within the window."""
    share: Share | None
    """Of the known time; None if nothing is known."""


class CountsQuestion(Value, frozen=True, kw_only=True):
    """Changes into `state` (None: into any), with start <= time < end, made as one of `origins` says (empty: all)."""

    entity_id: EntityId
    state: StateName | None = None
    start: Instant | None = None
    end: Instant | None = None
    origins: tuple[Origin, ...] = ()


class HourCounts(Value, frozen=True, kw_only=True):
    """By local weekday and hour. Into `unavailable` or `unknown`, or out of them, is no change unless asked.

    An hour that the clock shows twice in autumn counts once in `days` and with both its passes in `hours`.
    """

    entity_id: EntityId
    state: str | None
    window: Window
    """What was asked, cut to what the record holds of this entity."""
    zone: ZoneName
    total: Count
    hours: tuple[Day, Day, Day, Day, Day, Day, Day]
    """Monday first."""
    days: tuple[Count, Count, Count, Count, Count, Count, Count]
    """How many Mondays, Tuesdays, … the window touches: what to divide by."""


class AsOfQuestion(Value, frozen=True, kw_only=True):
    """The home at `at`; of `entity_ids` (empty: all)."""

    at: Instant
    entity_ids: tuple[EntityId, ...] = ()


class EntityState(Value, frozen=True, kw_only=True):
    """`since` when the entity was in `state`. `at_least`: it was so when first seen, so it may have been for longer."""

    entity_id: EntityId
    state: str
    since: Instant
    at_least: bool
    origin: Origin


class HomeState(Value, frozen=True, kw_only=True):
    """The home at an instant. Entities that had not been seen by then are left out."""

    at: Instant
    known_until: Instant | None
    """The record's last change. If it lies before `at`, what happened in between is not known. None: no record."""
    entities: tuple[EntityState, ...]
    """In the order of their names."""
