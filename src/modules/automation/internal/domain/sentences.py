"""A rule in one plain sentence: "When binary_sensor.hall turns on, if it is after sunset, turn on light.hall."

Entities keep their ids: they are what a person finds again in Home Assistant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from modules.automation.internal.domain.spans import clock, day_names, days, span
from modules.patterns.types import (
    Action,
    ActivateScene,
    And,
    CallService,
    Condition,
    Delay,
    Not,
    Notice,
    NumericCondition,
    NumericTrigger,
    Opaque,
    Or,
    Rule,
    StateCondition,
    StateTrigger,
    SunCondition,
    SunTrigger,
    TimeCondition,
    TimeTrigger,
    Trigger,
)

_VERBS: Final = {
    "turn_on": "turn on",
    "turn_off": "turn off",
    "toggle": "toggle",
    "open_cover": "open",
    "close_cover": "close",
    "stop_cover": "stop",
    "open_valve": "open",
    "close_valve": "close",
    "media_play": "play",
    "media_pause": "pause",
    "media_stop": "stop",
    "lock": "lock",
    "unlock": "unlock",
    "press": "press",
    "start": "start",
    "return_to_base": "send home",
}
"""Services that a word says as well. The others are called by their names."""


def sentence(rule: Rule) -> str:
    """One line, one full stop."""
    conditions = list(rule.conditions)
    day = next((part for part in conditions if _only_days(part)), None)
    if day is not None:
        conditions.remove(day)
    condition = f", if {_and(_condition(part) for part in conditions)}" if conditions else ""
    text = f"{_when(rule.triggers, _only_days(day))}{condition}, {_then(rule.actions)}."
    return " ".join((text[0].upper() + text[1:]).split())


def _only_days(condition: Condition | None) -> str:
    """`on weekdays`, if that is all that the condition asks for."""
    if isinstance(condition, TimeCondition) and condition.after is None and condition.before is None:
        return days(condition.weekdays)
    return ""


def _when(triggers: tuple[Trigger, ...], on_days: str) -> str:
    """`at 07:30 on weekdays`; of several triggers, or of what happens to entities: `on weekdays, when …`."""
    clocked = all(isinstance(trigger, TimeTrigger | SunTrigger) for trigger in triggers)
    when = ("" if clocked else "when ") + _or(_trigger(trigger) for trigger in triggers)
    if not on_days:
        return when
    return f"{when} {on_days}" if clocked and len(triggers) == 1 else f"{on_days}, {when}"


def _trigger(trigger: Trigger) -> str:
    match trigger:
        case StateTrigger():
            return _changes(trigger)
        case NumericTrigger():
            return f"{_or(trigger.entity_ids)} {_crosses(trigger.above, trigger.below)}{_stays(trigger.for_seconds)}"
        case TimeTrigger():
            return f"at {clock(trigger.at)}"
        case SunTrigger():
            return _sun(trigger.event, trigger.offset_seconds)
        case Opaque():
            return "something happens that only Home Assistant understands"
        case _:
            assert_never(trigger)


def _changes(trigger: StateTrigger) -> str:
    before = f" from {_or(trigger.from_states)}" if trigger.from_states else ""
    if not trigger.to:
        become = f"changes{before}"
    elif set(trigger.to) <= {"on", "off"}:
        become = f"turns {_or(trigger.to)}{before}"
    else:
        become = f"becomes {_or(_shown(state) for state in trigger.to)}{before}"
    return f"{_or(trigger.entity_ids)} {become}{_stays(trigger.for_seconds)}"


def _stays(seconds: float) -> str:
    return f" and stays so for {span(seconds)}" if seconds else ""


def _crosses(above: float | None, below: float | None) -> str:
    if above is not None and below is not None:
        return f"comes between {above:g} and {below:g}"
    return f"rises above {above:g}" if above is not None else f"falls below {below if below is None else f'{below:g}'}"


def _sun(event: str, offset_seconds: int) -> str:
    if not offset_seconds:
        return f"at {event}"
    return f"{span(abs(offset_seconds))} {'before' if offset_seconds < 0 else 'after'} {event}"


def _condition(condition: Condition) -> str:
    match condition:
        case StateCondition():
            lasting = f" for at least {span(condition.for_seconds)}" if condition.for_seconds else ""
            states = _or(_shown(state) for state in condition.states)
            return f"{_and(condition.entity_ids)} {_is(condition.entity_ids)} {states}{lasting}"
        case NumericCondition():
            return f"{_and(condition.entity_ids)} {_is(condition.entity_ids)} {_lies(condition)}"
        case TimeCondition():
            return _time(condition)
        case SunCondition():
            return _daylight(condition)
        case And():
            return f"({_and(_condition(part) for part in condition.conditions) or 'always'})"
        case Or():
            return f"({_or(_condition(part) for part in condition.conditions) or 'never'})"
        case Not():
            return f"it is not so that ({_or(_condition(part) for part in condition.conditions) or 'never'})"
        case Opaque():
            return "a condition holds that only Home Assistant understands"
        case _:
            assert_never(condition)


def _is(entity_ids: tuple[str, ...]) -> str:
    return "is" if len(entity_ids) == 1 else "are"


def _lies(condition: NumericCondition) -> str:
    limits = (("above", condition.above), ("below", condition.below))
    return _and(f"{side} {limit:g}" for side, limit in limits if limit is not None) or "any number"


def _time(condition: TimeCondition) -> str:
    after, before = condition.after, condition.before
    if after is not None and before is not None:
        time = f"between {clock(after)} and {clock(before)}"
    elif after is not None:
        time = f"after {clock(after)}"
    else:
        time = f"before {clock(before)}" if before is not None else ""
    if not time and days(condition.weekdays):
        return f"it is {_or(day_names(condition.weekdays))}"
    return "it is " + (" ".join(part for part in (time, days(condition.weekdays)) if part) or "any time")


def _daylight(condition: SunCondition) -> str:
    parts = []
    if condition.after is not None:
        parts.append("it is later than " + _point(condition.after, condition.after_offset_seconds))
    if condition.before is not None:
        parts.append("it is earlier than " + _point(condition.before, condition.before_offset_seconds))
    return _and(parts) or "the sun stands anywhere"


def _point(event: str, offset_seconds: int) -> str:
    return _sun(event, offset_seconds).removeprefix("at ")


def _then(actions: tuple[Action, ...]) -> str:
    return ", then ".join(_action(action) for action in actions)


def _action(action: Action) -> str:
    match action:
        case CallService():
            return _call(action)
        case Delay():
            return f"wait {span(action.seconds)}"
        case ActivateScene():
            return f"activate {action.entity_id}"
        case Notice():
            return f"notify: “{': '.join(text for text in (action.title, action.message) if text)}”"
        case Opaque():
            return "do something that only Home Assistant understands"
        case _:
            assert_never(action)


def _call(call: CallService) -> str:
    verb = _VERBS.get(call.service.split(".")[1])
    areas = (f"everything in {area}" for area in call.area_ids)
    target = _and([*call.entity_ids, *areas])
    data = _and(_field(datum.name, datum.value) for datum in call.data)
    told = f"{verb} {target}" if verb and target else f"call {call.service}" + (f" for {target}" if target else "")
    return told + (f" with {data}" if data else "")


def _field(name: str, value: object) -> str:
    if isinstance(value, Opaque):
        return f"{name} as given"
    return f"{name} {_and(str(item) for item in value) if isinstance(value, tuple) else value}"


def _shown(state: str) -> str:
    return state if state.strip() else f"“{state}”"


def _and(parts: Iterable[str]) -> str:
    return _listed(tuple(parts), "and")


def _or(parts: Iterable[str]) -> str:
    return _listed(tuple(parts), "or")


def _listed(parts: tuple[str, ...], word: str) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {word} ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
