"""The scorecard: what rules would have been worth in a window of the past.

The unit is one change of one entity: a run that acts on three entities is three firings. So `firings` >=
`effective_firings` = `saved` + `false_firings`, and `saved` is at most the number of gestures. Rates are per day of the
local days that hold events. A gesture counts as saved only if its firing lies in the window too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from modules.patterns.internal.domain import gestures as acts
from modules.patterns.internal.domain.bounds import clopper_pearson
from modules.patterns.internal.domain.clock import EPOCH, days_with_events, in_window
from modules.patterns.internal.domain.gestures import Gestures
from modules.patterns.internal.domain.judge import Judged, judge, judge_acts
from modules.patterns.internal.domain.log import Codes, Log, Times
from modules.patterns.types.rule import Rule
from modules.patterns.types.score import Firing, Net, Scorecard, Window

WEIGHTS: Final = (1.0, 2.0, 5.0)
"""How many saved acts one false firing is worth: the lambdas of the net saving."""


def scorecard(
    rules: Sequence[Rule], log: Log, start_ms: int, end_ms: int, gestures: Gestures | None = None
) -> Scorecard:
    """Score rules together over start_ms <= t < end_ms: a gesture is saved once, whichever rule fired for it.

    `gestures` are those of the whole log (`gestures.find`), given by callers who score many rules.
    Raises UnknownEntity and NotReplayable as the facade says; how short a window may be is the caller's to decide.
    """
    found = acts.find(log) if gestures is None else gestures
    judged = judge(rules, log, start_ms, end_ms, found)
    inside = found.between(start_ms, end_ms)
    days = days_with_events(log, start_ms, end_ms)
    return _filled(judged, inside, days, _window(start_ms, end_ms))


def scorecard_of_acts(
    times: Times, entities: Codes, states: Codes, log: Log, start_ms: int, end_ms: int, gestures: Gestures
) -> Scorecard:
    """The same for a list of single effects (in any order), each a firing of its own."""
    judged = judge_acts(times, entities, states, log, start_ms, end_ms, gestures)
    inside = gestures.between(start_ms, end_ms)
    return _filled(judged, inside, days_with_events(log, start_ms, end_ms), _window(start_ms, end_ms))


def verdicts(rule: Rule, log: Log, start_ms: int, end_ms: int, gestures: Gestures | None = None) -> tuple[Firing, ...]:
    """Each run of the rule in the window: effective or saved if at least one of its changes is."""
    judged = judge([rule], log, start_ms, end_ms, acts.find(log) if gestures is None else gestures)
    effective = np.bincount(judged.runs[judged.effective], minlength=len(judged.begun)) > 0
    saved = np.bincount(judged.runs[judged.saved], minlength=len(judged.begun)) > 0
    return tuple(
        Firing(at=instant(int(judged.begun[run])), effective=bool(effective[run]), saved=bool(saved[run]))
        for run in np.flatnonzero(in_window(judged.begun, start_ms, end_ms))
    )


def instant(at_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at_ms)


def _window(start_ms: int, end_ms: int) -> Window:
    return Window(start=instant(start_ms), end=instant(end_ms))


def _filled(judged: Judged, inside: Gestures, days: int, window: Window) -> Scorecard:
    effective, saved = (int(np.count_nonzero(flags)) for flags in (judged.effective, judged.saved))
    targets = _targeted(judged, inside)
    false = effective - saved
    weeks = days / 7
    return Scorecard(
        window=window,
        days_with_events=days,
        gestures=len(inside),
        target_gestures=targets,
        firings=len(judged.times) + judged.without_effect,
        effective_firings=effective,
        saved=saved,
        saved_strict=int(np.count_nonzero(judged.saved_strict)),
        false_firings=false,
        saved_share=_ratio(saved, len(inside)),
        saved_per_week=_ratio(saved, weeks),
        false_per_day=_ratio(false, days),
        net=tuple(Net(weight=weight, per_week=_ratio(saved - weight * false, weeks)) for weight in WEIGHTS),
        precision=clopper_pearson(saved, effective),
        recall=clopper_pearson(saved, targets),
    )


def _targeted(judged: Judged, inside: Gestures) -> int:
    """Gestures whose entity and state some rule acts on."""
    return sum(len(inside.of(entity, state)) for entity, state in judged.targets)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
