"""From the rules that were chosen to habits: with evidence from the mining weeks and the one look at the test weeks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain import circle_habits, reactions, sentences
from modules.patterns.internal.domain.daytypes import of_type
from modules.patterns.internal.domain.learn_mine import Clockwork, Finding
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.learn_split import Blocks, instant
from modules.patterns.internal.domain.score import scorecard
from modules.patterns.internal.domain.select import Choice
from modules.patterns.internal.domain.select_rules import supporting
from modules.patterns.types import Evidence, Habit

_MOST_TIMES: Final = 200
_MOST_DAYS: Final = 400
_HOUR_MS: Final = 3_600_000


def habits_of(mining: Past, past: Past, choices: Sequence[Choice], parts: Blocks) -> tuple[Habit, ...]:
    """The habits, in the order of the choices: told by the mining weeks' past, tested on the whole."""
    habits: list[Habit] = []
    for choice in choices:
        gestures = supporting(mining, choice.finding, parts.mine, parts.select)
        number = sum(habit.id.split("-")[0] == _digest(mining, choice.finding, gestures) for habit in habits)
        told = _habit(mining, choice, gestures, number, _observed(mining, choice.finding, parts))
        tested = scorecard([told.rule], past.log, parts.test, parts.end, past.gestures)
        habits.append(msgspec.structs.replace(told, tested=tested))
    return tuple(habits)


def _habit(past: Past, choice: Choice, gestures: NDArray[np.int64], number: int, observed: int) -> Habit:
    """Not tested yet: it bears its select score twice."""
    finding = choice.finding
    sentence = sentence_of(past, finding, gestures)
    told = sentence + sentences.given(choice.added)
    rule = msgspec.structs.replace(choice.rule, name=sentence[:255], description=f"{told}.")
    digest = _digest(past, finding, gestures)
    return Habit(
        id=f"{digest}-{number + 1}" if number else digest,
        kind="time" if isinstance(finding, Clockwork) else "reaction",
        day_type=finding.day_type if isinstance(finding, Clockwork) else "all",
        entity_id=finding.target.entity_id,
        state=finding.target.state_name,
        sentence=told,
        rule=rule,
        evidence=_evidence(finding, gestures, past.clock.day(gestures), observed),
        selected=choice.selected,
        tested=choice.selected,
    )


def _observed(past: Past, finding: Finding, parts: Blocks) -> int:
    """On how many days of the mining weeks it might have been seen, had it been done."""
    days = past.days[(past.days >= past.day(parts.mine)) & (past.days <= past.day(parts.select - 1))]
    return int(np.count_nonzero(of_type(days, finding.day_type if isinstance(finding, Clockwork) else "all")))


def _evidence(finding: Finding, gestures: NDArray[np.int64], days: NDArray[np.int64], observed: int) -> Evidence:
    strength = finding.strength
    return Evidence(
        times=tuple(instant(int(at)) for at in gestures[-_MOST_TIMES:]),
        days=tuple(str(day) for day in np.unique(days)[-_MOST_DAYS:].astype("datetime64[D]")),
        support_days=strength.hits,
        possible_days=strength.days,
        observed_days=observed,
        expected_days=strength.expected,
        p_value=strength.p,
        q_value=strength.q,
        null=circle_habits.NULL if isinstance(finding, Clockwork) else reactions.NULL,
    )


def sentence_of(past: Past, finding: Finding, gestures: NDArray[np.int64]) -> str:
    """The habit in plain English, without the conditions that select chose."""
    target = finding.target
    if isinstance(finding, Clockwork):
        clock = sentences.around(past.clock.local_ms(gestures), finding.start_ms)
        return sentences.time_habit(finding.day_type, clock, target.entity_id, target.state_name)
    usual = float(np.quantile(reactions.lags(finding.cause.times, gestures), 0.8)) / 1000
    return sentences.reaction_habit(finding.cause.trigger, usual, target.entity_id, target.state_name)


def _digest(past: Past, finding: Finding, gestures: NDArray[np.int64]) -> str:
    """Kind, day type, target, trigger. A clock time counts by its hour, so that a few minutes' drift keeps the id."""
    if isinstance(finding, Clockwork):
        shifted = (past.clock.local_ms(gestures) - finding.start_ms) % (24 * _HOUR_MS)
        hour = round((float(np.median(shifted)) + finding.start_ms) / _HOUR_MS) % 24
        trigger: object = ("time", finding.day_type, hour)
    else:
        trigger = ("reaction", "all", finding.cause.trigger)
    facts = (trigger, finding.target.entity_id, finding.target.state_name)
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:16]
