"""Habits in plain English, as one would tell them to the people who have them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.types import (
    And,
    Condition,
    DayType,
    Not,
    NumericCondition,
    NumericTrigger,
    Or,
    StateCondition,
    StateTrigger,
    SunCondition,
    TimeCondition,
)

_DAYS: Final[dict[DayType, str]] = {"all": "Every day", "weekday": "On weekdays", "weekend": "At weekends"}
_DOES: Final = {
    "on": "turns on",
    "off": "turns off",
    "open": "opens",
    "closed": "closes",
    "playing": "starts playing on",
    "paused": "pauses",
}
_DID: Final = {"on": "goes on", "off": "goes off", "open": "opens", "closed": "closes", "home": "comes home"}


_SAYS_IT: Final = frozenset(
    ("lamp", "lamps", "lights", "tv", "blind", "blinds", "shutter", "shutters", "curtain", "curtains")
)
"""Words that already name the kind of thing."""


def thing(entity_id: str) -> str:
    """`light.kitchen` as "the kitchen light", `binary_sensor.hall_motion` as "the hall motion sensor"."""
    domain, _, name = entity_id.partition(".")
    words = name.replace("_", " ").strip()
    kind = {"binary_sensor": "sensor", "media_player": "player", "input_boolean": "", "person": "", "switch": "switch"}
    noun = kind.get(domain, domain.replace("_", " "))
    if domain == "person":
        return words.title()
    last = words.split()[-1] if words else ""
    return f"the {words}" if not noun or noun in words.split() or last in _SAYS_IT else f"the {words} {noun}"


def does(entity_id: str, state: str) -> str:
    """What somebody does to a thing: "turns on the kitchen light"."""
    return f"{_DOES[state]} {thing(entity_id)}" if state in _DOES else f"sets {thing(entity_id)} to {state}"


def around(local: NDArray[np.int64], start_ms: int) -> str:
    """The usual clock time of gestures that fall into a window beginning at `start_ms`, to five minutes."""
    middle = int(np.median((local - start_ms) % DAY_MS)) + start_ms
    minutes = round(middle / 300_000) * 5 % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def time_habit(day_type: DayType, clock: str, entity_id: str, state: str) -> str:
    """On weekdays around 06:45 somebody turns on the kitchen light."""
    return f"{_DAYS[day_type]} around {clock} somebody {does(entity_id, state)}"


def reaction_habit(trigger: StateTrigger | NumericTrigger, lag_seconds: float, entity_id: str, state: str) -> str:
    """When the hall motion sensor goes on, somebody turns on the hall light, usually within 10 seconds."""
    return f"When {_event(trigger)}, somebody {does(entity_id, state)}, usually within {span(lag_seconds)}"


def _event(trigger: StateTrigger | NumericTrigger) -> str:
    what = thing(trigger.entity_ids[0])
    if isinstance(trigger, NumericTrigger):
        return (
            f"{what} rises above {trigger.above:g}"
            if trigger.above is not None
            else f"{what} falls below {trigger.below:g}"
        )
    state = trigger.to[0] if trigger.to else "something else"
    if "motion" in what and state == "on" and not trigger.for_seconds:
        return f"{what} notices motion"
    if trigger.for_seconds:
        return f"{what} has been {state} for {span(trigger.for_seconds)}"
    return f"{what} {_DID.get(state, f'becomes {state}')}"


def span(seconds: float) -> str:
    """10 seconds, 2 minutes."""
    if seconds < 90:
        number = max(1, round(seconds))
        return f"{number} second" + ("s" if number != 1 else "")
    number = round(seconds / 60)
    return f"{number} minutes"


def given(conditions: tuple[Condition, ...]) -> str:
    """The conditions that select found to pay, as the end of a sentence; none: nothing."""
    told = [text for text in map(_condition, conditions) if text]
    return f" ({', '.join(told)})" if told else ""


def _condition(condition: Condition) -> str:
    match condition:
        case TimeCondition(after=str(after), before=str(before)):
            return f"between {after[:5]} and {before[:5]}"
        case TimeCondition(weekdays=days) if days:
            return "at weekends" if len(days) == 2 else "on weekdays"
        case StateCondition(entity_ids=ids, states=states, for_seconds=seconds):
            what, state = thing(ids[0]), " or ".join(states)
            many = what.endswith("s")
            if seconds:
                return f"if {what} {'have' if many else 'has'} been {state} for {span(seconds)}"
            return f"while {what} {'are' if many else 'is'} {state}"
        case Or(conditions=(SunCondition(), SunCondition())):
            return "in the dark"
        case NumericCondition() | SunCondition() | And() | Or() | Not():
            return "under a condition"
        case _:
            return ""
