"""What must be beaten, scored on the test weeks by the same replay as the habits.

All of them may do only what a habit may do (see `select_never`, and services that give a state fully). The first three
look at nothing that comes after what they predict; the last is an oracle, and bounds what any single rule could do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.baselines_oracle import best_single
from modules.patterns.internal.domain.baselines_rules import SLOT_MS, clock_rule, targets_of
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.daytypes import of_type
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.learn_split import Blocks
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.score import scorecard, scorecard_of_acts
from modules.patterns.types import DayType, Rule, Scorecard, ScoredBaseline

_WEEK_MS: Final = 7 * DAY_MS
_SLOTS: Final = DAY_MS // SLOT_MS
_FEWEST_DAYS: Final = 2
"""Days on which a slot must have been hit: once is no frequency."""
_HALVES: Final[tuple[DayType, ...]] = ("weekday", "weekend")


def baselines(log: Log, parts: Blocks) -> tuple[ScoredBaseline, ...]:
    """All of them, on parts.test <= t < parts.end."""
    past = Past.of(log)
    before = slot_rules(past, parts.mine, parts.test)
    mined = slot_rules(past, parts.mine, parts.select)
    paid = [rule for rule in mined if _net(past, [rule], parts.select, parts.test) > 0]
    oracle, tried = best_single(past, parts.test, parts.end)
    return (
        ScoredBaseline(
            name="last_week_repeats",
            sentence="each manual action of the week before is done again, seven days later to the minute",
            oracle=False,
            rules=(),
            score=_last_week(past, parts.test, parts.end),
        ),
        ScoredBaseline(
            name="most_frequent_slot",
            sentence="each thing, on weekdays and on weekends, at the quarter of an hour most frequent before the test",
            oracle=False,
            rules=tuple(before),
            score=scorecard(before, past.log, parts.test, parts.end, past.gestures),
        ),
        ScoredBaseline(
            name="most_frequent_slot_that_paid",
            sentence="the same of the mining weeks, where it saved more than it got wrong in the select weeks",
            oracle=False,
            rules=tuple(paid),
            score=scorecard(paid, past.log, parts.test, parts.end, past.gestures),
        ),
        ScoredBaseline(
            name="best_single_rule_by_oracle",
            sentence=f"of {tried} rules (at a time, or on a state of something else) the best on the test weeks",
            oracle=True,
            rules=tuple(oracle),
            score=scorecard(oracle, past.log, parts.test, parts.end, past.gestures),
        ),
    )


def _last_week(past: Past, start_ms: int, end_ms: int) -> Scorecard:
    """Every action in reach of a habit, a week later by the home's clock."""
    made = past.gestures
    wanted = {(target.entity, target.state) for target in targets_of(past, start_ms - _WEEK_MS - DAY_MS, end_ms)}
    allowed = np.array(
        [pair in wanted for pair in zip(made.entities.tolist(), made.states.tolist(), strict=True)], bool
    )
    acts = made.chosen(allowed & (made.times < end_ms - _WEEK_MS + DAY_MS))
    return scorecard_of_acts(
        _a_week_later(past, acts.times), acts.entities, acts.states, past.log, start_ms, end_ms, past.gestures
    )


def _a_week_later(past: Past, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same time on the wall clock; where the clock was changed in between, an hour more or less."""
    later = times + _WEEK_MS
    east_then, east_now = past.clock.local_ms(times) - times, past.clock.local_ms(later) - later
    moved: NDArray[np.int64] = later + east_then - east_now
    return moved


def slot_rules(past: Past, start_ms: int, end_ms: int) -> list[Rule]:
    """For each target, on weekdays and on weekends: at its most frequent quarter of an hour of the stretch."""
    found = []
    for target in targets_of(past, start_ms, end_ms):
        local = past.clock.local_ms(past.made(target, start_ms, end_ms))
        for day_type in _HALVES:
            slot = _most_frequent(local[of_type(local // DAY_MS, day_type)])
            if slot is not None:
                found.append(clock_rule(target, day_type, slot))
    return found


def _most_frequent(local: NDArray[np.int64]) -> int | None:
    """The slot of the day that most days hit, the earliest of equals; None if none has been hit twice."""
    cells = np.unique(local // SLOT_MS)
    days = np.bincount(cells % _SLOTS, minlength=1)
    slot = int(np.argmax(days))
    return slot if days[slot] >= _FEWEST_DAYS else None


def _net(past: Past, rules: Sequence[Rule], start_ms: int, end_ms: int) -> float:
    return scorecard(rules, past.log, start_ms, end_ms, past.gestures).net[0].per_week
