"""The rule: the one language for "when this, if that, then do". Home Assistant's terms and semantics.

Habits are stated in it, sentences are parsed into it, replay runs it, checks read it, `automation` renders it as YAML.
What it cannot express is an `Opaque` part, kept verbatim; whoever reads a rule treats it as unknown.
Clock times are local to the home's zone. Several triggers: any of them. Several conditions: all of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kernel.facade import Scalar, Value

EntityId = Annotated[str, Meta(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$(?!\n)", max_length=255)]
ServiceName = Annotated[str, Meta(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$(?!\n)", max_length=255)]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$(?!\n)")]
"""A local time of day, 24 hours: "07:30" or "07:30:00"."""
Seconds = Annotated[float, Meta(ge=0.0, le=31_536_000.0)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
SunEvent = Literal["sunrise", "sunset"]
Mode = Literal["single", "restart", "queued", "parallel"]
MOST_PARTS = 200
"""Triggers, conditions or actions of one rule. Far above what people write; it bounds what a request can cost."""


class Opaque(Value, frozen=True, kw_only=True, tag="opaque"):
    """A part that the rule cannot express, as JSON text, verbatim."""

    json: str


class StateTrigger(Value, frozen=True, kw_only=True, tag="state"):
    """A change of an entity's state. `for_seconds`: stayed so, without leaving.

    Empty `to`/`from_states`: any but `unavailable` and `unknown` (for Home Assistant: `not_to`, `not_from`).
    """

    entity_ids: Annotated[tuple[EntityId, ...], Meta(min_length=1)]
    to: tuple[str, ...] = ()
    from_states: tuple[str, ...] = ()
    for_seconds: Seconds = 0.0


class NumericTrigger(Value, frozen=True, kw_only=True, tag="numeric_state"):
    """A number crosses into (`above`, `below`): it was not inside before, and is now. Limits are exclusive."""

    entity_ids: Annotated[tuple[EntityId, ...], Meta(min_length=1)]
    above: float | None = None
    below: float | None = None
    for_seconds: Seconds = 0.0


class TimeTrigger(Value, frozen=True, kw_only=True, tag="time"):
    """Every day at a local time; not on a day that skips it, twice on a day that has it twice."""

    at: Clock


class SunTrigger(Value, frozen=True, kw_only=True, tag="sun"):
    """Every day at sunrise or sunset, `offset_seconds` later (negative: earlier)."""

    event: SunEvent
    offset_seconds: int = 0


class StateCondition(Value, frozen=True, kw_only=True, tag="state"):
    """All the entities are in one of `states`, for at least `for_seconds`."""

    entity_ids: Annotated[tuple[EntityId, ...], Meta(min_length=1)]
    states: Annotated[tuple[str, ...], Meta(min_length=1)]
    for_seconds: Seconds = 0.0


class NumericCondition(Value, frozen=True, kw_only=True, tag="numeric_state"):
    """All the entities' numbers are strictly above `above` and strictly below `below`."""

    entity_ids: Annotated[tuple[EntityId, ...], Meta(min_length=1)]
    above: float | None = None
    below: float | None = None


class TimeCondition(Value, frozen=True, kw_only=True, tag="time"):
    """From `after` (inclusive) to `before` (exclusive), over midnight if after > before; on `weekdays` (empty: all)."""

    after: Clock | None = None
    before: Clock | None = None
    weekdays: tuple[Weekday, ...] = ()


class SunCondition(Value, frozen=True, kw_only=True, tag="sun"):
    """Today's sun: after and/or before an event, as Home Assistant's `sun` condition."""

    after: SunEvent | None = None
    before: SunEvent | None = None
    after_offset_seconds: int = 0
    before_offset_seconds: int = 0


class And(Value, frozen=True, kw_only=True, tag="and"):
    conditions: tuple[Condition, ...]


class Or(Value, frozen=True, kw_only=True, tag="or"):
    conditions: tuple[Condition, ...]


class Not(Value, frozen=True, kw_only=True, tag="not"):
    """True when none of `conditions` is."""

    conditions: tuple[Condition, ...]


class Datum(Value, frozen=True, kw_only=True):
    """A field of a service call. What is no scalar or tuple of scalars is JSON text in an Opaque."""

    name: str
    value: Scalar | tuple[Scalar, ...] | Opaque


class CallService(Value, frozen=True, kw_only=True, tag="service"):
    """Call a service on entities and areas with data."""

    service: ServiceName
    entity_ids: tuple[EntityId, ...] = ()
    area_ids: tuple[str, ...] = ()
    data: tuple[Datum, ...] = ()


class Delay(Value, frozen=True, kw_only=True, tag="delay"):
    seconds: Seconds


class ActivateScene(Value, frozen=True, kw_only=True, tag="scene"):
    entity_id: EntityId


class Notice(Value, frozen=True, kw_only=True, tag="notice"):
    """Tell a person, by Home Assistant's persistent notification."""

    message: str
    title: str = ""


Trigger = StateTrigger | NumericTrigger | TimeTrigger | SunTrigger | Opaque
Condition = StateCondition | NumericCondition | TimeCondition | SunCondition | And | Or | Not | Opaque
Action = CallService | Delay | ActivateScene | Notice | Opaque


class Rule(Value, frozen=True, kw_only=True):
    """When any of `triggers`, if all `conditions`, then `actions` in order. `max_runs` is for queued and parallel."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    triggers: Annotated[tuple[Trigger, ...], Meta(min_length=1, max_length=MOST_PARTS)]
    conditions: Annotated[tuple[Condition, ...], Meta(max_length=MOST_PARTS)] = ()
    actions: Annotated[tuple[Action, ...], Meta(min_length=1, max_length=MOST_PARTS)]
    mode: Mode = "single"
    max_runs: Annotated[int, Meta(ge=1, le=1000)] = 10
    description: str = ""
