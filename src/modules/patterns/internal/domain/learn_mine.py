"""Mining: every window and every cause against every target, and which of them chance does not explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain import circle_habits, reactions
from modules.patterns.internal.domain.circle_habits import QUARTER_MS, WIDTHS, WindowTests
from modules.patterns.internal.domain.daytypes import DAY_TYPES
from modules.patterns.internal.domain.discovery import Floats, q_values
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.log import Flags
from modules.patterns.internal.domain.reactions import LAGS_MS, Asked, CauseTests
from modules.patterns.internal.domain.reactions_causes import Cause, causes
from modules.patterns.types import DayType

FEWEST_DAYS: Final = 5
"""Days with the gesture below which a target is not tested, and hit days below which a finding is not taken up."""
_MOST_WINDOWS: Final = 3
_MOST_REACTIONS: Final = 12
_MOST_PER_CAUSE: Final = 3

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Strength:
    """Days hit, days possible, days expected by chance, and the test."""

    hits: int
    days: int
    expected: float
    p: float
    q: float


@dataclass(frozen=True)
class Clockwork:
    """A target's gesture falls into a window of the day. Milliseconds after local midnight, and wide."""

    target: Target
    day_type: DayType
    start_ms: int
    width_ms: int
    strength: Strength


@dataclass(frozen=True)
class Reaction:
    """A target's gesture follows a cause within a lag."""

    target: Target
    cause: Cause
    lag_ms: int
    strength: Strength


Finding = Clockwork | Reaction


@dataclass(frozen=True)
class Mined:
    """`strongest`: the smallest p-value of all; 1 when nothing was tested."""

    hypotheses: int
    discoveries: int
    strongest: float
    findings: tuple[Finding, ...]


def mine(past: Past, targets: Sequence[Target], start_ms: int, end_ms: int, rate: float, tell: Tell) -> Mined:
    """Test everything in the stretch, control the false discovery rate over all of it, take up the strongest."""
    made = {target: past.made(target, start_ms, end_ms) for target in targets}
    days = {target: np.unique(past.clock.day(times)) for target, times in made.items()}
    targets = [target for target in targets if len(days[target]) >= FEWEST_DAYS]
    if not targets:
        return Mined(0, 0, 1.0, ())
    days_seen, activity = _observed(past, start_ms, end_ms), past.activity(start_ms, end_ms)
    windows = [
        circle_habits.windows(past.clock.local_ms(made[target]), *days_seen, activity.without(target.entity))
        for target in targets
    ]
    found_causes = list(causes(past.log, start_ms, end_ms))
    asked = _asked(past, targets, [made[target] for target in targets])
    tests: list[CauseTests] = []
    for cause in found_causes:
        tests.append(reactions.against(cause.times, asked))
        tell(len(tests), len(found_causes))
    return _judged(targets, windows, found_causes, tests, rate)


def _observed(past: Past, start_ms: int, end_ms: int) -> tuple[int, Flags]:
    """The first local day of the stretch, and which of its days hold events."""
    first, last = (int(day) for day in past.clock.day(np.array((start_ms, end_ms - 1))))
    return first, np.isin(np.arange(first, last + 1), past.days)


def _asked(past: Past, targets: Sequence[Target], made: Sequence[NDArray[np.int64]]) -> Asked:
    none = np.empty(0, np.int64)
    times = np.concatenate((none, *made))
    numbers = np.repeat(np.arange(len(targets)), [len(part) for part in made])
    since = [past.since(target.entity, part) for target, part in zip(targets, made, strict=True)]
    return Asked.of(times, np.concatenate((none, *since)), numbers, past.clock.day(times), len(targets))


def _judged(
    targets: Sequence[Target],
    windows: Sequence[WindowTests],
    found_causes: Sequence[Cause],
    tests: Sequence[CauseTests],
    rate: float,
) -> Mined:
    """One adjustment over all p-values. A cause on the target's own entity was never a hypothesis."""
    entities = np.array([target.entity for target in targets])
    foreign = np.array([entities != cause.entity for cause in found_causes], np.bool_).reshape(-1, 1, len(targets))
    shape = (len(found_causes), len(LAGS_MS), len(targets))
    other = np.broadcast_to(foreign, shape)
    reaction_p = np.stack([test.p for test in tests]) if tests else np.ones(shape)
    window_p = np.stack([test.p for test in windows])
    p = np.concatenate((window_p.ravel(), reaction_p[other]))
    q = q_values(p)
    window_q = q[: window_p.size].reshape(window_p.shape)
    reaction_q = np.ones(shape)
    reaction_q[other] = q[window_p.size :]
    findings: list[Finding] = []
    for at, target in enumerate(targets):
        findings += _clockworks(target, windows[at], window_q[at], rate)
        findings += _reactions(target, at, found_causes, tests, reaction_q[:, :, at], rate)
    return Mined(len(q), int((q <= rate).sum()), float(p.min()), tuple(findings))


def _clockworks(target: Target, test: WindowTests, q: Floats, rate: float) -> list[Finding]:
    found: list[Finding] = []
    for kind, day_type in enumerate(DAY_TYPES):
        p = np.where((q[kind] <= rate) & (test.hits[kind] >= FEWEST_DAYS), test.p[kind], 2.0)
        for width, start in circle_habits.peaks(p, 1.0, _MOST_WINDOWS):
            at = (kind, width, start)
            strength = _strength(test.hits[at], test.days[at], test.expected[at], test.p[at], q[at])
            found.append(Clockwork(target, day_type, start * QUARTER_MS, WIDTHS[width] * QUARTER_MS, strength))
    return found


def _reactions(
    target: Target, number: int, found_causes: Sequence[Cause], tests: Sequence[CauseTests], q: Floats, rate: float
) -> list[Finding]:
    """Each cause at its best lag, the strongest first, few per entity."""
    best: list[tuple[float, int, int]] = []
    for at in np.flatnonzero((q <= rate).any(axis=1)).tolist():
        test = tests[at]
        p = np.where(test.hits[:, number] >= FEWEST_DAYS, test.p[:, number], 2.0)
        lag = int(np.argmin(p))
        if p[lag] <= 1.0:
            best.append((float(p[lag]), at, lag))
    taken: dict[int, int] = {}
    found: list[Finding] = []
    for _, at, lag in sorted(best):
        cause, test, where = found_causes[at], tests[at], (lag, number)
        taken[cause.entity] = taken.get(cause.entity, 0) + 1
        if taken[cause.entity] <= _MOST_PER_CAUSE and len(found) < _MOST_REACTIONS:
            strength = _strength(test.hits[where], test.days[where], test.expected[where], test.p[where], q[at, lag])
            found.append(Reaction(target, cause, LAGS_MS[lag], strength))
    return found


def _strength(hits: np.int64, days: np.int64, expected: float, p: float, q: float) -> Strength:
    return Strength(int(hits), int(days), float(expected), float(p), float(q))
