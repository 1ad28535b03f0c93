"""Single rules as simple as they come: at a time of day, or when something takes a state."""

from __future__ import annotations

from typing import Final

from modules.patterns.internal.domain.daytypes import weekdays
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.select_never import why_never
from modules.patterns.internal.domain.select_rules import clock_text, service_for
from modules.patterns.types import CallService, DayType, Rule, StateTrigger, TimeCondition, TimeTrigger, Trigger

SLOT_MS: Final = 900_000
"""A quarter of an hour: a rule that fires at its begin saves a gesture anywhere in it (see `match.WIDE`)."""


def targets_of(past: Past, start_ms: int, end_ms: int) -> list[Target]:
    """What people did in the stretch that a rule may do for them, in the order of names."""
    made = past.gestures.between(start_ms, end_ms)
    pairs = sorted(set(zip(made.entities.tolist(), made.states.tolist(), strict=True)))
    named = [Target(entity, state, past.log.entity_ids[entity], past.log.state_names[state]) for entity, state in pairs]
    return [one for one in named if why_never(one.entity_id) is None and service_for(one.entity_id, one.state_name)]


def clock_rule(target: Target, day_type: DayType, slot: int) -> Rule:
    """At the begin of a quarter of an hour, on the days of a type."""
    days = weekdays(day_type)
    text = clock_text(slot * SLOT_MS)
    conditions = (TimeCondition(weekdays=days),) if days else ()
    return _rule(target, f"at {text[:5]} ({day_type} days)", TimeTrigger(at=text), conditions)


def state_rule(target: Target, entity_id: str, state: str) -> Rule:
    """As soon as another entity takes a state."""
    return _rule(target, f"when {entity_id} is {state}", StateTrigger(entity_ids=(entity_id,), to=(state,)), ())


def _rule(target: Target, told: str, trigger: Trigger, conditions: tuple[TimeCondition, ...]) -> Rule:
    service = service_for(target.entity_id, target.state_name)
    if service is None:
        raise ValueError(f"no service gives {target.entity_id} the state {target.state_name!r}")
    return Rule(
        name=f"{target.entity_id} {target.state_name} {told}"[:255],
        triggers=(trigger,),
        conditions=conditions,
        actions=(CallService(service=service, entity_ids=(target.entity_id,)),),
    )
