"""The clock has no end: windows, arcs and turns go over midnight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.patterns.internal.domain import circle
from modules.patterns.internal.domain.circle import SLOTS, best_arc, mass, profile, turned
from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.daytypes import weekdays

AWAKE = profile(np.where(np.arange(SLOTS) > 84, 50.0, 0.0), 20.0)


def test_a_profile_is_shares_of_a_day() -> None:
    assert AWAKE.sum() == pytest.approx(1.0)
    assert (AWAKE > 0.0).all()
    assert AWAKE[200] > 5 * AWAKE[40]


def test_a_home_without_activity_is_even() -> None:
    assert profile(np.zeros(SLOTS), 20.0) == pytest.approx(np.full(SLOTS, 1 / SLOTS))


def test_a_window_over_midnight_holds_both_its_sides() -> None:
    late, early = mass(AWAKE, np.array([276]), 12), mass(AWAKE, np.array([0]), 12)
    assert mass(AWAKE, np.array([276]), 24) == pytest.approx(late + early)
    assert mass(AWAKE, np.array([100]), SLOTS) == pytest.approx(1.0)


@given(st.integers(0, 400 * DAY_MS), st.floats(0.0, 0.999))
def test_a_turn_stays_within_its_day(local: int, turn: float) -> None:
    moved = turned(np.array([local]), AWAKE, np.array([turn]))[0]
    assert moved // DAY_MS == local // DAY_MS


def test_even_turns_give_the_activity_whatever_was_there() -> None:
    one_minute = np.full(40_000, 7 * 3_600_000)
    moved = turned(one_minute, AWAKE, np.random.default_rng(1).random(40_000))
    counts = np.bincount(circle.slots(moved) // 12, minlength=24) / 40_000
    assert counts == pytest.approx(AWAKE.reshape(24, 12).sum(axis=1), abs=0.01)


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12))
def test_the_best_arc_beats_every_other(values: list[int]) -> None:
    n = len(values)
    sums = [sum(values[(start + i) % n] for i in range(length)) for start in range(n) for length in range(1, n + 1)]
    start, length, total = best_arc(np.array(values, float))
    assert total == max(sums) == sum(values[(start + i) % n] for i in range(length))


def test_days_after_weekdays_are_tuesday_to_saturday() -> None:
    assert weekdays("weekday", shift=1) == ("tue", "wed", "thu", "fri", "sat")
    assert weekdays("weekend", shift=-1) == ("fri", "sat")
    assert weekdays("all", shift=1) == ()
