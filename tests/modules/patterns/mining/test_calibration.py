"""Where there is nothing, p-values are no smaller than chance makes them; five sigmas to spare."""

from __future__ import annotations

import numpy as np
from tests.modules.patterns.mining.homes import HOUR, MONDAY

from modules.patterns.internal.domain import circle
from modules.patterns.internal.domain.circle_habits import windows
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.reactions import Asked, against

DAYS = 56
FIRST = MONDAY // DAY_MS
AWAKE = circle.profile(np.where(np.arange(circle.SLOTS) > 80, 40.0, 0.0), circle.SHARP_MINUTES)


def _at_random(random: np.random.Generator, how_many: int) -> np.ndarray:
    """Gestures on random days at times drawn from the home's activity."""
    days = random.integers(0, DAYS, how_many) * DAY_MS + MONDAY
    return np.sort(circle.turned(days, AWAKE, random.random(how_many)))


def _is_no_smaller_than_chance(p: np.ndarray, level: float) -> bool:
    """Tests of one target hang together, so only targets count: 200 of them."""
    share = (p <= level).mean(axis=0)
    return bool(share.max() <= level + 5 * np.sqrt(level * (1 - level) / len(p)))


def test_windows_on_gestures_made_whenever_somebody_is_awake() -> None:
    random = np.random.default_rng(1)
    tests = [
        windows(_at_random(random, int(random.integers(20, 150))), FIRST, np.ones(DAYS, np.bool_), AWAKE).p.ravel()
        for _ in range(200)
    ]
    p = np.stack(tests)
    assert _is_no_smaller_than_chance(p, 0.05)
    assert _is_no_smaller_than_chance(p, 0.01)
    assert (p <= 0.05).mean() > 0.001, "a test that never speaks would be useless"


def test_reactions_to_what_happens_at_the_same_hours_but_never_because_of_it() -> None:
    random = np.random.default_rng(2)
    results = []
    for _ in range(200):
        gestures = _at_random(random, int(random.integers(30, 120)))
        long_ago = gestures - 12 * HOUR
        one = np.zeros(len(gestures), np.int64)
        asked = Asked.of(gestures, long_ago, one, gestures // DAY_MS, 1)
        results.append(against(_at_random(random, int(random.integers(50, 4000))), asked).p[:, 0])
    p = np.stack(results)
    assert _is_no_smaller_than_chance(p, 0.05)
    assert _is_no_smaller_than_chance(p, 0.01)
    assert (p <= 0.05).mean() > 0.001


def test_a_true_reaction_is_seen() -> None:
    random = np.random.default_rng(3)
    causes = _at_random(random, 400)
    gestures = np.sort(random.choice(causes, 60, replace=False)) + 5_000
    asked = Asked.of(gestures, gestures - HOUR, np.zeros(60, np.int64), gestures // DAY_MS, 1)
    assert against(causes, asked).p.min() < 1e-12
