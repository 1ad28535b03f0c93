"""One-to-one pairing of firings and gestures."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modules.patterns.internal.domain.match import STRICT, WIDE, Reach, matched

SECONDS = 1000
times = st.lists(st.integers(0, 40), max_size=9).map(sorted)


def pair(firings, gestures, reach=WIDE):
    return matched(np.array(firings, dtype=np.int64), np.array(gestures, dtype=np.int64), reach).tolist()


def test_the_wide_window_is_from_900_seconds_before_to_120_after():
    gesture = [10_000 * SECONDS]
    for seconds, hit in ((9_100, True), (9_099, False), (10_120, True), (10_121, False)):
        assert bool(pair([seconds * SECONDS], gesture)) is hit


def test_the_strict_window_is_from_60_seconds_before_to_15_after():
    gesture = [10_000 * SECONDS]
    for seconds, hit in ((9_940, True), (9_939, False), (10_015, True), (10_016, False)):
        assert bool(pair([seconds * SECONDS], gesture, STRICT)) is hit


def test_one_firing_saves_one_gesture_and_one_gesture_needs_one_firing():
    assert pair([1000], [2000, 3000]) == [0]
    assert pair([1000, 1500], [2000]) == [0]


def test_a_firing_is_not_wasted_on_a_gesture_that_another_could_have():
    reach = Reach(10, 10)
    assert pair([0, 15], [10, 20], reach) == [0, 1]


@given(times, times, st.integers(0, 12), st.integers(0, 12))
def test_it_is_as_large_as_any_matching(firings, gestures, before, after):
    found = pair(firings, gestures, Reach(before, after))
    assert len(set(found)) == len(found)
    assert len(found) == _largest(firings, gestures, before, after)


def _largest(firings, gestures, before, after):
    """The size of a largest matching, by augmenting paths."""
    owner: dict[int, int] = {}

    def place(gesture, tried):
        for index, firing in enumerate(firings):
            if index not in tried and gestures[gesture] - before <= firing <= gestures[gesture] + after:
                tried.add(index)
                if index not in owner or place(owner[index], tried):
                    owner[index] = gesture
                    return True
        return False

    return sum(place(gesture, set()) for gesture in range(len(gestures)))


@given(times, times)
def test_a_wider_window_never_saves_less(firings, gestures):
    assert len(pair(firings, gestures, Reach(3, 2))) <= len(pair(firings, gestures, Reach(5, 2)))
