"""Seeded rules and streams of states, for our engine and for Home Assistant's.

No two things are due at the same instant (states change at :20 to :29 of a minute, waits end at :50 to :59, clocks
strike at :00, delays end at odd milliseconds), for then Home Assistant's own order is a race.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from modules.patterns.types import (
    And,
    CallService,
    Condition,
    Delay,
    Not,
    NumericCondition,
    NumericTrigger,
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

DOORS = ("binary_sensor.door", "binary_sensor.gate")
MODE = "input_select.mode"
LUX = "sensor.lux"
STATES = {
    DOORS[0]: ("on", "off", "on", "off", "unavailable"),
    DOORS[1]: ("on", "off", "unknown"),
    MODE: ("home", "away", "asleep"),
    LUX: ("5", "15", "25", "35", "unavailable", "dim"),
}
SECOND_OF = {entity: 20 + 3 * number for number, entity in enumerate(STATES)}
NO_VALUE = ("unavailable", "unknown")
Events = list[tuple[int, str, str]]


@dataclass(frozen=True)
class Case:
    zone: str
    latitude: float
    longitude: float
    start_ms: int
    end_ms: int
    first: list[tuple[str, str]]
    events: Events
    rules: tuple[Rule, ...]

    def told(self) -> dict[str, Any]:
        """As the referee reads it."""
        return {
            "zone": self.zone,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "start": self.start_ms,
            "end": self.end_ms,
            "first": self.first,
            "events": self.events,
            "automations": [automation(rule) for rule in self.rules],
        }


PLACES = (
    ("Europe/Amsterdam", 52.37, 4.9, "2026-10-24"),
    ("Europe/Amsterdam", 52.37, 4.9, "2026-03-28"),
    ("America/New_York", 40.7, -74.0, "2026-10-31"),
    ("Australia/Lord_Howe", -31.55, 159.08, "2026-10-03"),
    ("Europe/Oslo", 69.65, 18.96, "2026-06-20"),
    ("Asia/Kolkata", 28.6, 77.2, "2026-01-10"),
)
"""Clock changes of both kinds and sizes, a sun that does not set, a zone of half hours."""


def cases(seed: int, rules_each: int) -> list[Case]:
    return [_case(random.Random(f"{seed}-{number}"), place, rules_each) for number, place in enumerate(PLACES)]


def _case(dice: random.Random, place: tuple[str, float, float, str], rules: int) -> Case:
    zone, latitude, longitude, day = place
    start = int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    minutes = 2 * 1440
    events: Events = []
    for entity, states in STATES.items():
        for minute in sorted(dice.sample(range(2, minutes), 90)):
            events.append((start + (minute * 60 + SECOND_OF[entity]) * 1000, entity, dice.choice(states)))
    first = [(entity, states[0]) for entity, states in STATES.items()]
    made = tuple(_rule(dice, number) for number in range(rules))
    return Case(zone, latitude, longitude, start, start + minutes * 60_000, first, sorted(events), made)


def _rule(dice: random.Random, number: int) -> Rule:
    target = (f"light.r{number}",)
    on = CallService(service="light.turn_on", entity_ids=target)
    off = CallService(service="light.turn_off", entity_ids=target)
    slow = (on, Delay(seconds=dice.choice((67.123, 1807.123))), off)
    return Rule(
        name=f"r{number}",
        triggers=tuple(_trigger(dice) for _ in range(dice.choice((1, 1, 2)))),
        conditions=tuple(_condition(dice, 2) for _ in range(dice.choice((0, 0, 1, 2)))),
        actions=(on,) if dice.random() < 0.5 else slow,
        mode=dice.choice(("single", "restart", "queued", "parallel")),
        max_runs=dice.choice((2, 3)),
    )


def _clock(dice: random.Random) -> str:
    return f"{dice.choice((0, 1, 1, 2, 2, 3, 6, 12, 18, 22)):02}:{dice.choice((0, 15, 30, 45)):02}"


def _some(dice: random.Random, states: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(dice.choices(states, k=dice.choice((0, 1, 1, 2)))))


def _trigger(dice: random.Random) -> Trigger:
    kind = dice.choice(("state", "state", "numeric", "time", "sun"))
    wait = dice.choice((0.0, 0.0, 90.0, 630.0, 1830.0))
    if kind == "time":
        return TimeTrigger(at=_clock(dice))
    if kind == "sun":
        return SunTrigger(event=dice.choice(("sunrise", "sunset")), offset_seconds=dice.choice((0, -1800, 5400)))
    if kind == "numeric":
        above, below = dice.choice(((10.0, None), (None, 20.0), (10.0, 30.0), (15.0, None)))
        return NumericTrigger(entity_ids=(LUX,), above=above, below=below, for_seconds=wait)
    entities = dice.choice(((DOORS[0],), DOORS, (MODE,)))
    states = STATES[entities[0]]
    return StateTrigger(entity_ids=entities, to=_some(dice, states), from_states=_some(dice, states), for_seconds=wait)


def _condition(dice: random.Random, depth: int) -> Condition:
    kind = dice.choice(
        ("state", "numeric", "time", "sun", "and", "or", "not") if depth else ("state", "numeric", "time")
    )
    if kind == "time":
        days = dice.choice(((), ("sat",), ("sun", "mon", "tue")))
        return TimeCondition(after=_clock(dice), before=_clock(dice), weekdays=days)
    if kind == "sun":
        after, before = dice.choice((("sunrise", None), (None, "sunset"), ("sunset", "sunrise"), ("sunrise", "sunset")))
        return SunCondition(after=after, before=before, after_offset_seconds=dice.choice((0, -900, 3600)))
    if kind == "numeric":
        return NumericCondition(entity_ids=(LUX,), above=dice.choice((5.0, 10.0)), below=dice.choice((None, 30.0)))
    if kind == "state":
        entity = dice.choice(tuple(STATES)[:3])
        states = _some(dice, STATES[entity]) or ("on", "home")
        return StateCondition(entity_ids=(entity,), states=states, for_seconds=dice.choice((0.0, 0.0, 630.0)))
    parts = tuple(_condition(dice, depth - 1) for _ in range(2))
    return {"and": And, "or": Or, "not": Not}[kind](conditions=parts)


def automation(rule: Rule) -> dict[str, Any]:
    """The rule in Home Assistant's words. What names no state leaves `unavailable` and `unknown` out: `not_from`."""
    return {
        "id": rule.name,
        "alias": rule.name,
        "triggers": [_told_trigger(one) for one in rule.triggers],
        "conditions": [_told_condition(one) for one in rule.conditions],
        "actions": [_told_action(one) for one in rule.actions],
        "mode": rule.mode,
        **({"max": rule.max_runs} if rule.mode in ("queued", "parallel") else {}),
    }


def _told_trigger(one: Trigger) -> dict[str, Any]:
    if isinstance(one, TimeTrigger):
        return {"trigger": "time", "at": f"{one.at}:00"}
    if isinstance(one, SunTrigger):
        return {"trigger": "sun", "event": one.event, "offset": one.offset_seconds}
    assert isinstance(one, StateTrigger | NumericTrigger)
    told: dict[str, Any] = {"entity_id": list(one.entity_ids)}
    if one.for_seconds:
        told["for"] = {"seconds": one.for_seconds}
    if isinstance(one, NumericTrigger):
        return {"trigger": "numeric_state", **told, **_range(one)}
    told |= {"to": list(one.to)} if one.to else {"not_to": list(NO_VALUE)}
    told |= {"from": list(one.from_states)} if one.from_states else {"not_from": list(NO_VALUE)}
    return {"trigger": "state", **told}


def _range(one: NumericTrigger | NumericCondition) -> dict[str, float]:
    return {name: limit for name, limit in (("above", one.above), ("below", one.below)) if limit is not None}


def _told_condition(one: Condition) -> dict[str, Any]:
    if isinstance(one, And | Or | Not):
        name = type(one).__name__.lower()
        return {"condition": name, "conditions": [_told_condition(part) for part in one.conditions]}
    if isinstance(one, NumericCondition):
        return {"condition": "numeric_state", "entity_id": list(one.entity_ids), **_range(one)}
    if isinstance(one, StateCondition):
        told = {"condition": "state", "entity_id": list(one.entity_ids), "state": list(one.states)}
        return {**told, "for": {"seconds": one.for_seconds}} if one.for_seconds else told
    if isinstance(one, TimeCondition):
        told = {"condition": "time", "after": f"{one.after}:00", "before": f"{one.before}:00"}
        return {**told, "weekday": list(one.weekdays)} if one.weekdays else told
    assert isinstance(one, SunCondition)
    ends = {name: event for name, event in (("after", one.after), ("before", one.before)) if event}
    return {"condition": "sun", **ends, **({"after_offset": one.after_offset_seconds} if one.after else {})}


def _told_action(one: Any) -> dict[str, Any]:
    if isinstance(one, Delay):
        return {"delay": {"milliseconds": round(one.seconds * 1000)}}
    return {"action": one.service, "target": {"entity_id": list(one.entity_ids)}}
