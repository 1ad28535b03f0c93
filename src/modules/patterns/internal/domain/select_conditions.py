"""Conditions that make a rule more careful: found on the mining weeks, by what each firing there was worth.

A firing that saved a gesture is worth +1, a false one -1. Tried are: the arc of the clock that pays best, the kind of
day, the dark, one other entity's state, and the target having been at rest for a while (so that a rule does not undo
what somebody just did). The best one is added if it gains at least `LEAST_GAIN`, and then once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from modules.patterns.internal.domain.circle import best_arc
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.conditions import passes
from modules.patterns.internal.domain.daytypes import weekdays
from modules.patterns.internal.domain.discovery import Floats
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.log import Times
from modules.patterns.types import Condition, Or, Rule, StateCondition, SunCondition, TimeCondition

LEAST_GAIN: Final = 4.0
_ARCS: Final = 48
_RESTS_SECONDS: Final = (300, 900)
DARK: Final = Or(conditions=(SunCondition(after="sunset"), SunCondition(before="sunrise")))


def more_careful(past: Past, target: Target, rule: Rule, times: Times, worth: Floats) -> tuple[Condition, ...]:
    """The conditions worth adding, best first, at most two. `worth`: +1 or -1 for each firing in `times`."""
    chosen: list[Condition] = []
    own = {entity_id for trigger in rule.triggers for entity_id in getattr(trigger, "entity_ids", ())}
    while len(chosen) < 2 and (worth < 0.0).sum() > LEAST_GAIN:
        best, gain, kept = None, LEAST_GAIN, times >= 0
        for condition in _options(past, target, own, times, worth, clocked=bool(own)):
            holds = passes((condition,), past.log, times)
            gained = float(worth[holds].sum() - worth.sum())
            if gained > gain:
                best, gain, kept = condition, gained, holds
        if best is None:
            break
        chosen.append(best)
        times, worth = times[kept], worth[kept]
    return tuple(chosen)


def _options(
    past: Past, target: Target, own: set[str], times: Times, worth: Floats, clocked: bool
) -> Iterator[Condition]:
    if clocked:
        yield from _hours(past, times, worth)
        yield TimeCondition(weekdays=weekdays("weekday"))
        yield TimeCondition(weekdays=weekdays("weekend"))
    if past.log.latitude is not None and past.log.longitude is not None:
        yield DARK
    yield from _rests(past, target, times)
    yield from _states(past, own | {target.entity_id}, times, worth)


def _hours(past: Past, times: Times, worth: Floats) -> Iterator[Condition]:
    """Between two half hours: the arc of the day with the largest sum."""
    slot = past.clock.time_of_day_ms(times) // (DAY_MS // _ARCS)
    start, length, _ = best_arc(np.bincount(slot, worth, _ARCS).astype(np.float64))
    if length < _ARCS:
        yield TimeCondition(after=_clock(start), before=_clock((start + length) % _ARCS))


def _clock(slot: int) -> str:
    return f"{slot // 2:02d}:{slot % 2 * 30:02d}:00"


def _rests(past: Past, target: Target, times: Times) -> Iterator[Condition]:
    before = past.line(target.entity).state_at(times - 1)
    others, counts = np.unique(before[(before >= 0) & (before != target.state)], return_counts=True)
    if len(others):
        usual = past.log.state_names[others[np.argmax(counts)]]
        for seconds in _RESTS_SECONDS:
            yield StateCondition(entity_ids=(target.entity_id,), states=(usual,), for_seconds=float(seconds))


def _states(past: Past, own: set[str], times: Times, worth: Floats) -> Iterator[Condition]:
    """Of each entity with few states, the one in which the rule is worth most."""
    for code, entity_id in enumerate(past.log.entity_ids):
        kinds = past.few_states(code)
        if entity_id in own or not len(kinds):
            continue
        state = past.line(code).state_at(times)
        sums = np.bincount(state + 1, worth, len(past.log.state_names) + 1)[kinds + 1]
        best = int(np.argmax(sums))
        if sums[best] - worth.sum() > LEAST_GAIN:
            yield StateCondition(entity_ids=(entity_id,), states=(past.log.state_names[kinds[best]],))
