"""Tails are never too small, and the false discovery rate is Benjamini and Yekutieli's."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.patterns.internal.domain.discovery import q_values, tail

chances = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=25)


def _tail(hits: int, days: int, expected: float) -> float:
    return float(tail(np.array([hits]), np.array([days]), np.array([expected]))[0])


@given(st.integers(1, 60), st.floats(0.01, 0.9), st.data())
def test_is_the_binomial_tail_where_days_are_alike(days: int, share: float, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, days))
    exact = sum(comb(days, i) * share**i * (1 - share) ** (days - i) for i in range(hits, days + 1))
    if hits >= days * share + 1.0:
        assert _tail(hits, days, days * share) == pytest.approx(exact, rel=1e-9)
    else:
        assert _tail(hits, days, days * share) == 1.0


@given(chances, st.data())
def test_is_at_least_the_true_tail_where_days_differ(shares: list[float], data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, len(shares)))
    counts = np.ones(1)
    for share in shares:
        counts = np.convolve(counts, (1.0 - share, share))
    assert _tail(hits, len(shares), sum(shares)) >= counts[hits:].sum() * (1 - 1e-9) - 1e-12


def test_many_days_are_no_trouble() -> None:
    assert 0.0 <= _tail(3000, 3650, 500.0) < 1e-300
    assert _tail(0, 0, 0.0) == 1.0


@given(st.lists(st.floats(0.0, 1.0), max_size=40))
def test_adjusts_as_benjamini_and_yekutieli_say(values: list[float]) -> None:
    p = np.array(values)
    m = len(p)
    harmonic = sum(1 / i for i in range(1, m + 1))
    ranked = sorted(values)
    q = q_values(p)
    for rate in (0.01, 0.05, 0.2):
        passing = [k for k in range(1, m + 1) if ranked[k - 1] <= k * rate / (m * harmonic) * (1 + 1e-12)]
        found = int((q <= rate * (1 + 1e-12)).sum())
        assert found == (max(passing) if passing else 0) or any(abs(x - rate) < 1e-9 for x in q)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40), st.integers(1, 100))
def test_every_hypothesis_tried_costs(values: list[float], more: int) -> None:
    alone = q_values(np.array(values))
    among = q_values(np.array(values + [1.0] * more))[: len(values)]
    assert (among >= alone - 1e-12).all()
