"""A rule as the document that Home Assistant reads: `triggers`, `conditions`, `actions`, in its present syntax.

What Home Assistant itself refuses is refused here, as NotExpressible with the part and the reason; its limits were
found by its own validator. Opaque parts are put in as they are.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final, assert_never

import msgspec

from modules.automation.errors import NotExpressible
from modules.automation.internal.domain.conditions import conditions_of
from modules.automation.internal.domain.parts import (
    Document,
    duration,
    entities,
    entity,
    few,
    full_clock,
    limits,
    offset,
    opaque,
    opaque_mapping,
)
from modules.patterns.types import (
    Action,
    ActivateScene,
    CallService,
    Delay,
    Notice,
    NumericTrigger,
    Opaque,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
)

_TEMPLATE_MARK: Final = re.compile(r"\{[{%#]")

_NO_STATE: Final = ("unavailable", "unknown")


def automation_id(rule: Rule) -> str:
    """Stable: the same triggers, conditions and actions give the same id, whatever the rule is called."""
    named = msgspec.structs.replace(rule, name="-", description="")
    return "homewright_" + hashlib.sha256(msgspec.json.encode(named)).hexdigest()[:16]


def document(rule: Rule, identity: str, description: str) -> Document:
    """One automation. Keys in the order in which people read it."""
    return {
        "id": identity,
        "alias": rule.name,
        "description": rule.description or description,
        "triggers": [_trigger(trigger) for trigger in rule.triggers],
        "conditions": conditions_of(rule.conditions),
        "actions": [_action(action) for action in rule.actions],
        **_mode(rule),
    }


def _mode(rule: Rule) -> Document:
    """Home Assistant wants `max` to be 2 or more; one run at a time is `single`."""
    if rule.mode not in ("queued", "parallel"):
        return {"mode": rule.mode}
    return {"mode": rule.mode, "max": rule.max_runs} if rule.max_runs > 1 else {"mode": "single"}


def _trigger(trigger: Trigger) -> Document:
    match trigger:
        case StateTrigger():
            return _state(trigger)
        case NumericTrigger():
            return _numeric(trigger)
        case TimeTrigger():
            return {"trigger": "time", "at": full_clock(trigger.at)}
        case SunTrigger():
            return {"trigger": "sun", "event": trigger.event, **offset("offset", trigger.offset_seconds)}
        case Opaque():
            return opaque_mapping("a trigger", trigger)
        case _:
            assert_never(trigger)


def _numeric(trigger: NumericTrigger) -> Document:
    """Home Assistant refuses a trigger whose limits no number can meet; in a condition it takes them."""
    above, below = trigger.above, trigger.below
    if above is not None and below is not None and above > below:
        raise NotExpressible(part="a numeric trigger", reason=f"no number is above {above:g} and below {below:g}")
    return {
        "trigger": "numeric_state",
        "entity_id": entities(trigger.entity_ids),
        **limits("a numeric trigger", above, below),
        **duration("for", trigger.for_seconds),
    }


def _state(trigger: StateTrigger) -> Document:
    """Where any state will do, all but the two that are no state: a device that comes back has not been switched.

    Replay does not fire then either (docs/replay.md). `not_from` and `not_to` also keep Home Assistant from firing on
    changed attributes.
    """
    return {
        "trigger": "state",
        "entity_id": entities(trigger.entity_ids),
        **({"from": few(trigger.from_states)} if trigger.from_states else {"not_from": list(_NO_STATE)}),
        **({"to": few(trigger.to)} if trigger.to else {"not_to": list(_NO_STATE)}),
        **duration("for", trigger.for_seconds),
    }


def _action(action: Action) -> Document:
    match action:
        case CallService():
            return _call(action)
        case Delay():
            return duration("delay", action.seconds) or {"delay": "00:00:00"}
        case ActivateScene():
            if not action.entity_id.startswith("scene."):
                raise NotExpressible(part=action.entity_id, reason="it is no scene; name an entity scene.…")
            return {"action": "scene.turn_on", "target": {"entity_id": entity(action.entity_id)}}
        case Notice():
            data = {"message": literal(action.message)} | ({"title": literal(action.title)} if action.title else {})
            return {"action": "persistent_notification.create", "data": data}
        case Opaque():
            return opaque_mapping("an action", action)
        case _:
            assert_never(action)


def _call(call: CallService) -> Document:
    shown: Document = {"action": entity(call.service)}
    target: Document = {}
    if call.entity_ids:
        target["entity_id"] = entities(call.entity_ids)
    if call.area_ids:
        target["area_id"] = few(call.area_ids)
    if target:
        shown["target"] = target
    data = _data(call)
    return shown | ({"data": data} if data else {})


def _data(call: CallService) -> Document:
    data: Document = {}
    for datum in call.data:
        if datum.name in data:
            raise NotExpressible(part=f"{call.service} data {datum.name!r}", reason="the field is given twice")
        data[datum.name] = _datum(f"{call.service} data {datum.name!r}", datum.value)
    return data


def _datum(part: str, value: Any) -> Any:
    if isinstance(value, Opaque):
        return opaque(part, value)
    return list(value) if isinstance(value, tuple) else value


def literal(text: str) -> str:
    """Text that a person reads as it is: Home Assistant would run `{{ … }}` in it as a template."""
    if not _TEMPLATE_MARK.search(text):
        return text
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("{", "\\x7b").replace("}", "\\x7d")
    return "{{ '" + quoted + "' }}"
