"""What is true of a simulated home, written so that a person and a program can check it against the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from modules.training.internal.simulation.devices import SUN
from modules.training.internal.simulation.habits import (
    WEEKDAYS,
    After,
    AtSun,
    AtTime,
    Condition,
    Crossing,
    Habit,
    Held,
    LastMotion,
    Scene,
)
from modules.training.internal.simulation.home import Lived
from modules.training.internal.simulation.world import Change

_SERVICES: Final[Mapping[str, str]] = {
    "open": "open_cover",
    "closed": "close_cover",
    "playing": "media_play",
    "on": "turn_on",
    "off": "turn_off",
}


def truth(lived: Lived) -> dict[str, Any]:
    """The whole truth as JSON. Acts that an outage kept out of the log are left out of `followed`."""
    order, place = lived.order, lived.household.place
    written = set(lived.changes)
    return {
        "seed": order.seed,
        "weeks": order.weeks,
        "home_type": order.home_type,
        "null": order.null,
        "zone": place.zone,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "first_day": lived.first.isoformat(),
        "people": [one.name for one in lived.household.people],
        "habits": [_habit(lived, habit, written) for habit in lived.habits],
        "days": {day.date.isoformat(): _day(day.kind, day.guests, sorted(day.sick)) for day in lived.days},
    }


def local(lived: Lived, second: float) -> str:
    """The wall clock's date and time, to the millisecond."""
    moment = datetime.combine(lived.first, time()) + timedelta(milliseconds=round(second * 1000))
    return moment.isoformat(sep=" ", timespec="milliseconds")


def _day(kind: str, guests: bool, sick: list[str]) -> dict[str, Any]:
    return {"kind": kind, "guests": guests, "sick": sick}


def _habit(lived: Lived, habit: Habit, written: set[Change]) -> dict[str, Any]:
    account = lived.accounts[habit.name]
    acts = [act for act in account.acts if Change(*act, habit.origin) in written]
    main = [act for act in acts if act[1] == habit.entity_id and _meant(act[2]) == habit.state]
    times = [local(lived, second) for second, _, _ in main]
    return {
        "name": habit.name,
        "kind": _kind(habit),
        "entity_id": habit.entity_id,
        "state": habit.state,
        "days": habit.days,
        "trigger": _trigger(habit),
        "conditions": [_condition(one) for one in habit.conditions],
        "strength": habit.strength,
        "automated": habit.automated,
        "first_day": lived.days[habit.first_day].date.isoformat(),
        "last_day": None if habit.last_day is None else lived.days[habit.last_day - 1].date.isoformat(),
        "chances": account.chances,
        "followed": times,
        "days_followed": sorted({at[:10] for at in times}),
        "further": [_further(lived, step[0], step[1], acts) for step in _steps(habit)],
        "automation": automation(lived, habit),
    }


def _further(lived: Lived, entity: str, state: str, acts: list[tuple[float, str, str]]) -> dict[str, Any]:
    times = [local(lived, second) for second, of, to in acts if of == entity and _meant(to) == state]
    return {"entity_id": entity, "state": state, "followed": times}


def automation(lived: Lived, habit: Habit) -> dict[str, Any]:
    """The habit as Home Assistant would write an automation."""
    conditions = [_as_condition(one) for one in habit.conditions]
    if habit.days != "all":
        days = {"weekday": list(WEEKDAYS[:5]), "weekend": list(WEEKDAYS[5:])}.get(habit.days, [habit.days])
        conditions.append({"condition": "time", "weekday": days})
    return {
        "alias": habit.name,
        "triggers": [_as_trigger(lived, habit)],
        "conditions": conditions,
        "actions": [_as_action(habit.entity_id, habit.state), *(_as_action(*step[:2]) for step in _steps(habit))],
    }


def _kind(habit: Habit) -> str:
    if isinstance(habit, Scene):
        return "sequence" if habit.sequence else "scene"
    kinds = {AtTime: "time", AtSun: "sun", After: "reaction", Crossing: "numeric", LastMotion: "last_motion"}
    return kinds.get(type(habit), "duration")


def _trigger(habit: Habit) -> dict[str, Any]:
    """The trigger as numbers, with the spread that an automation cannot say."""
    if isinstance(habit, AtTime):
        told = {"at": _hms(habit.at), "jitter_minutes": habit.jitter_minutes}
        return told | {"drift_minutes_per_week": habit.drift}
    if isinstance(habit, AtSun):
        told = {"event": habit.event, "jitter_minutes": habit.jitter_minutes}
        return told | {"offset_minutes": habit.offset_minutes}
    if isinstance(habit, After):
        told = {"entity_id": habit.trigger_entity_id, "state": habit.trigger_state}
        return told | {"delay_seconds": list(habit.delay)}
    if isinstance(habit, Crossing):
        side = "above" if habit.rising else "below"
        return {"entity_id": habit.sensor, side: habit.level, "rearm": habit.rearm, "delay_seconds": list(habit.delay)}
    if isinstance(habit, LastMotion):
        told = {"entity_id": habit.sensor, "state": "off"}
        return told | {"minutes": habit.minutes, "jitter_minutes": habit.jitter_minutes}
    if isinstance(habit, Held):
        told = {"entity_id": habit.entity_id, "state": habit.held}
        return told | {"minutes": habit.minutes, "jitter_minutes": habit.jitter_minutes}
    return {}


def _as_trigger(lived: Lived, habit: Habit) -> dict[str, Any]:
    if isinstance(habit, AtTime):
        end = habit.last_day or len(lived.days)
        return {"trigger": "time", "at": _hms(habit.usual(end))}
    if isinstance(habit, AtSun):
        return {"trigger": "sun", "event": habit.event, "offset": _signed(habit.offset_minutes * 60)}
    if isinstance(habit, After):
        return {"trigger": "state", "entity_id": habit.trigger_entity_id, "to": habit.trigger_state}
    if isinstance(habit, Crossing):
        side = "above" if habit.rising else "below"
        return {"trigger": "numeric_state", "entity_id": habit.sensor, side: habit.level}
    told = {"trigger": "state", "entity_id": habit.entity_id, "to": "on"}
    if isinstance(habit, LastMotion):
        told |= {"entity_id": habit.sensor, "to": "off"}
    minutes = habit.minutes if isinstance(habit, LastMotion | Held) else 0.0
    return told | {"for": _hms(minutes * 60)}


def _condition(condition: Condition) -> dict[str, Any]:
    if condition.kind == "dark":
        return {"kind": "dark"}
    if condition.kind == "is":
        return {"kind": "is", "entity_id": condition.entity_id, "state": condition.state}
    return {"kind": "between", "after": _hms(condition.after), "before": _hms(condition.before)}


def _as_condition(condition: Condition) -> dict[str, Any]:
    if condition.kind == "dark":
        return {"condition": "state", "entity_id": SUN, "state": "below_horizon"}
    if condition.kind == "is":
        return {"condition": "state", "entity_id": condition.entity_id, "state": condition.state}
    return {"condition": "time", "after": _hms(condition.after), "before": _hms(condition.before)}


def _as_action(entity_id: str, state: str) -> dict[str, Any]:
    return {"action": f"{entity_id.partition('.')[0]}.{_SERVICES[state]}", "target": {"entity_id": entity_id}}


def _steps(habit: Habit) -> Iterator[tuple[str, str]]:
    if isinstance(habit, Scene):
        yield from ((step.entity_id, step.state) for step in habit.further)


def _meant(state: str) -> str:
    return {"opening": "open", "closing": "closed"}.get(state, state)


def _hms(seconds: float) -> str:
    """A time of day; what lies after midnight begins again, and the day's end is 00:00:00."""
    whole = round(seconds) % 86_400
    return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def _signed(seconds: float) -> str:
    return ("-" if seconds < 0 else "") + _hms(abs(seconds))
