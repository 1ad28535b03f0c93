"""The conditions of a rule as Home Assistant's."""

from __future__ import annotations

from typing import Any, assert_never

from modules.automation.errors import NotExpressible
from modules.automation.internal.domain.parts import (
    Document,
    duration,
    entities,
    few,
    full_clock,
    limits,
    offset,
    opaque,
)
from modules.patterns.types import (
    And,
    Condition,
    Not,
    NumericCondition,
    Opaque,
    Or,
    StateCondition,
    SunCondition,
    TimeCondition,
)


def conditions_of(conditions: tuple[Condition, ...]) -> list[Any]:
    """Each condition as a document."""
    return [_condition(condition) for condition in conditions]


def _condition(condition: Condition) -> Any:
    match condition:
        case StateCondition():
            return {
                "condition": "state",
                "entity_id": entities(condition.entity_ids),
                "state": few(condition.states),
                **duration("for", condition.for_seconds),
            }
        case NumericCondition():
            return {
                "condition": "numeric_state",
                "entity_id": entities(condition.entity_ids),
                **limits("a numeric condition", condition.above, condition.below),
            }
        case TimeCondition():
            return _time(condition)
        case SunCondition():
            return _sun(condition)
        case And() | Or() | Not():
            name = type(condition).__name__.lower()
            return {"condition": name, "conditions": conditions_of(condition.conditions)}
        case Opaque():
            return _verbatim(condition)
        case _:
            assert_never(condition)


def _time(condition: TimeCondition) -> Document:
    shown: Document = {"condition": "time"}
    if condition.after is not None:
        shown["after"] = full_clock(condition.after)
    if condition.before is not None:
        shown["before"] = full_clock(condition.before)
    if condition.weekdays:
        shown["weekday"] = few(condition.weekdays)
    if len(shown) == 1:
        raise NotExpressible(part="a time condition", reason="it names no time and no weekday; leave it out")
    return shown


def _sun(condition: SunCondition) -> Document:
    shown: Document = {"condition": "sun"}
    if condition.after is not None:
        shown |= {"after": condition.after, **offset("after_offset", condition.after_offset_seconds)}
    if condition.before is not None:
        shown |= {"before": condition.before, **offset("before_offset", condition.before_offset_seconds)}
    if len(shown) == 1:
        raise NotExpressible(part="a sun condition", reason="it names neither after nor before; leave it out")
    return shown


def _verbatim(condition: Opaque) -> Any:
    """A condition may also be one template as a text."""
    value = opaque("a condition", condition)
    if not isinstance(value, dict | str):
        raise NotExpressible(part="a condition kept verbatim", reason="it is neither a mapping nor a template")
    return value
