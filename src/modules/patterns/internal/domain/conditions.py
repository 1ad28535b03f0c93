"""What a condition says at given instants, by Home Assistant's rules: true, false, or cannot tell.

An entity that was not there yet, and text where a number is asked for, are errors in Home Assistant, not "false": an
`or` with a true part passes all the same, a `not` over an error does not. At the top an error keeps the actions from
running.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.clock import DAY_MS, WEEKDAYS, clock_of
from modules.patterns.internal.domain.log import Flags, Log, Times
from modules.patterns.internal.domain.sun import NO_EVENT, sun_times
from modules.patterns.internal.domain.timeline import UNSEEN, code_of, timeline
from modules.patterns.internal.domain.triggers import clock_ms, in_range
from modules.patterns.types.rule import (
    And,
    Condition,
    Not,
    NumericCondition,
    Opaque,
    Or,
    StateCondition,
    SunCondition,
    SunEvent,
    TimeCondition,
)

Verdicts = NDArray[np.int8]
FALSE, CANNOT_TELL, TRUE = np.int8(0), np.int8(1), np.int8(2)
"""In this order `and` is the minimum and `or` the maximum."""


def passes(conditions: Sequence[Condition], log: Log, at: Times) -> Flags:
    """bool[n]: at which instants all conditions are true. Raises NotReplayable, UnknownEntity."""
    passed: Flags = _all(conditions, log, at) == TRUE
    return passed


def verdicts(condition: Condition, log: Log, at: Times) -> Verdicts:
    """int8[n] of FALSE, CANNOT_TELL, TRUE."""
    if isinstance(condition, StateCondition):
        return _lowest([_state(condition, log, code_of(log, name), at) for name in condition.entity_ids], at)
    if isinstance(condition, NumericCondition):
        return _lowest([_numeric(condition, log, code_of(log, name), at) for name in condition.entity_ids], at)
    if isinstance(condition, TimeCondition):
        return _told(_in_time(condition, log, at))
    if isinstance(condition, SunCondition):
        return _told(_in_sun(condition, log, at))
    if isinstance(condition, And):
        return _all(condition.conditions, log, at)
    if isinstance(condition, Or):
        return _any(condition.conditions, log, at)
    if isinstance(condition, Not):
        return (TRUE - _any(condition.conditions, log, at)).astype(np.int8)
    assert isinstance(condition, Opaque)
    raise NotReplayable(part="a condition", reason=f"it is kept verbatim and not understood: {condition.json[:120]}")


def _all(conditions: Sequence[Condition], log: Log, at: Times) -> Verdicts:
    return _lowest([verdicts(part, log, at) for part in conditions], at)


def _any(conditions: Sequence[Condition], log: Log, at: Times) -> Verdicts:
    parts = [verdicts(part, log, at) for part in conditions]
    return np.maximum.reduce(parts) if parts else np.full(len(at), FALSE)


def _lowest(parts: list[Verdicts], at: Times) -> Verdicts:
    return np.minimum.reduce(parts) if parts else np.full(len(at), TRUE)


def _told(flags: Flags) -> Verdicts:
    return np.where(flags, TRUE, FALSE)


def _state(condition: StateCondition, log: Log, entity: int, at: Times) -> Verdicts:
    line = timeline(log, entity)
    index = line.index_at(at)
    wanted = [log.state_codes[name] for name in condition.states if name in log.state_codes]
    states = line.states_of(index)
    good = np.isin(states, wanted)
    if condition.for_seconds and len(line):
        good &= at - line.times[index] >= round(condition.for_seconds * 1000)
    return np.where(states == UNSEEN, CANNOT_TELL, _told(good))


def _numeric(condition: NumericCondition, log: Log, entity: int, at: Times) -> Verdicts:
    states = timeline(log, entity).state_at(at)
    numbers = np.append(log.numbers, np.nan)[states]
    silent = np.append(log.without_value, False)[states]
    good = in_range(numbers, condition.above, condition.below)
    return np.where(np.isnan(numbers) & ~silent, CANNOT_TELL, _told(good))


def _in_time(condition: TimeCondition, log: Log, at: Times) -> Flags:
    if not len(at):
        return np.zeros(0, dtype=np.bool_)
    clock = clock_of(log, int(at.min()), int(at.max()))
    now = clock.time_of_day_ms(at)
    after = clock_ms(condition.after) if condition.after is not None else 0
    before = clock_ms(condition.before) if condition.before is not None else DAY_MS
    good = (after <= now) & (now < before) if after < before else ~((before <= now) & (now < after))
    if condition.weekdays:
        good &= np.isin(clock.weekday(at), [WEEKDAYS.index(day) for day in condition.weekdays])
    return good


def _in_sun(condition: SunCondition, log: Log, at: Times) -> Flags:
    """From today's one event to the other; from sunset to sunrise it is either end of the same date's night.

    Home Assistant counts the very instant of the end in, but it never looks at it so early: a rule that sunset
    triggers finds that it is no longer before sunset.
    """
    good = np.ones(len(at), dtype=np.bool_)
    before = _todays(log, condition.before, at) if condition.before else None
    after = _todays(log, condition.after, at) if condition.after else None
    for moment in (before, after):
        if moment is not None:
            good &= moment != NO_EVENT
    until = before + condition.before_offset_seconds * 1000 if before is not None else None
    since = after + condition.after_offset_seconds * 1000 if after is not None else None
    if condition.before == "sunrise" and condition.after == "sunset" and until is not None and since is not None:
        return good & ((at < until) | (at >= since))
    if until is not None:
        good &= at < until
    if since is not None:
        good &= at >= since
    return good


def _todays(log: Log, event: SunEvent, at: Times) -> Times:
    """The event of each instant's local date; if astral puts that on the day before, the event of the next date."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    clock = clock_of(log, int(at.min()), int(at.max()))
    days, which = np.unique(clock.day(at), return_inverse=True)
    moments = sun_times(log, event, days)
    early = (moments != NO_EVENT) & (clock.day(np.where(moments == NO_EVENT, 0, moments)) < days)
    moments[early] = sun_times(log, event, days[early] + 1)
    return moments[which]
