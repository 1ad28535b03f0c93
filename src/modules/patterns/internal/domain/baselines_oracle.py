"""The single rule that would have done best in a stretch, found by looking at that very stretch.

Tried are, for each target, every quarter of an hour on all days, weekdays and weekends, and every state that another
entity takes. A quick count orders them, the replay decides among the most promising.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.baselines_rules import SLOT_MS, clock_rule, state_rule, targets_of
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.daytypes import DAY_TYPES, of_type
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.log import Flags, Times
from modules.patterns.internal.domain.match import WIDE
from modules.patterns.internal.domain.score import scorecard
from modules.patterns.internal.domain.timeline import UNSEEN, Timeline
from modules.patterns.types import Rule

_REPLAYED: Final = 40
_SLOTS: Final = DAY_MS // SLOT_MS


class Promise(NamedTuple):
    """What a quick count makes of a rule: gestures saved minus firings wrong."""

    net: float
    rule: Rule


def best_single(past: Past, start_ms: int, end_ms: int) -> tuple[list[Rule], int]:
    """The rule (none if nothing could be tried), and of how many."""
    targets = targets_of(past, start_ms, end_ms)
    takes = list(_takes(past, start_ms, end_ms))
    promises: list[Promise] = []
    tried = 0
    for target in targets:
        made = past.made(target, start_ms, end_ms)
        clock = _by_clock(past, target, made, start_ms, end_ms)
        promises += clock
        foreign = [(entity, state, times) for entity, state, times in takes if entity != target.entity]
        promises += _by_state(past, target, made, foreign)
        tried += _SLOTS * len(DAY_TYPES) + len(foreign)
    promises.sort(key=lambda promise: (-promise.net, promise.rule.name))
    rules = [promise.rule for promise in promises[:_REPLAYED]]
    return [max(rules, key=lambda rule: _net(past, rule, start_ms, end_ms))] if rules else [], tried


def _net(past: Past, rule: Rule, start_ms: int, end_ms: int) -> float:
    return scorecard([rule], past.log, start_ms, end_ms, past.gestures).net[0].per_week


def _takes(past: Past, start_ms: int, end_ms: int) -> Iterator[tuple[int, int, Times]]:
    """Every entity with few states, each of its states, and when it took it."""
    for entity in range(len(past.log.entity_ids)):
        if not len(past.log.rows_of(entity)):
            continue
        line = past.line(entity)
        for state in past.few_states(entity).tolist():
            times = line.times[1:][line.states[1:] == state]
            times = times[(times >= start_ms) & (times < end_ms)]
            if len(times):
                yield entity, state, times


def _by_clock(past: Past, target: Target, made: Times, start_ms: int, end_ms: int) -> list[Promise]:
    """The best slot of each day type."""
    first, last = (int(day) for day in past.clock.day(np.array((start_ms, end_ms - 1), np.int64)))
    days = np.arange(first, last + 1, dtype=np.int64)
    walls = days[:, None] * DAY_MS + np.arange(_SLOTS) * SLOT_MS
    east = past.clock.local_ms(walls.ravel()) - walls.ravel()
    times = walls.ravel() - east  # an hour off within hours of a clock change; the replay decides in the end
    worth = np.where(_needed(past.line(target.entity), target.state, times), _hits(times, made) * 2 - 1, 0)
    by_day = worth.reshape(walls.shape)
    found = []
    for day_type in DAY_TYPES:
        nets = by_day[of_type(days, day_type)].sum(axis=0)
        slot = int(np.argmax(nets))
        found.append(Promise(float(nets[slot]), clock_rule(target, day_type, slot)))
    return found


def _by_state(past: Past, target: Target, made: Times, takes: list[tuple[int, int, Times]]) -> list[Promise]:
    """Every state of the others: a firing within a quarter of an hour of the one before is not counted as another."""
    line, found = past.line(target.entity), []
    for entity, state, times in takes:
        reached = np.searchsorted(times, made + WIDE.after_ms, side="right") - np.searchsorted(
            times, made - WIDE.before_ms, side="left"
        )
        saved = int(np.count_nonzero(reached))
        if not saved:
            continue
        needed = times[_needed(line, target.state, times)]
        wrong = max(0, len(np.unique(needed // WIDE.before_ms)) - saved)
        rule = state_rule(target, past.log.entity_ids[entity], past.log.state_names[state])
        found.append(Promise(float(saved - wrong), rule))
    return found


def _needed(line: Timeline, state: int, times: Times) -> Flags:
    """Whether the thing was in another state, as far as is known."""
    recorded = line.state_at(times)
    needed: Flags = (recorded != UNSEEN) & (recorded != state)
    return needed


def _hits(times: Times, made: Times) -> NDArray[np.int64]:
    """1 where a gesture lies within reach of a firing, else 0."""
    after = np.searchsorted(made, times + WIDE.before_ms, side="right")
    return (after > np.searchsorted(made, times - WIDE.after_ms, side="left")).astype(np.int64)
