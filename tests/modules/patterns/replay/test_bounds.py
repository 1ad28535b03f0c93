"""Clopper and Pearson's interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.patterns.internal.domain.bounds import beta_quantile, clopper_pearson, incomplete_beta

counts = st.integers(1, 400).flatmap(lambda tries: st.tuples(st.integers(0, tries), st.just(tries)))


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [
        (0, 10, 0.0, 0.30849711),
        (10, 10, 0.69150289, 1.0),
        (1, 10, 0.00252858, 0.44501612),
        (5, 10, 0.18708603, 0.81291397),
        (4, 20, 0.05733400, 0.43661399),
        (50, 100, 0.39832113, 0.60167887),
        (2, 1000, 0.00024232, 0.00720585),
    ],
)
def test_it_agrees_with_published_tables(hits, tries, low, high):
    found = clopper_pearson(hits, tries)
    assert found.low == pytest.approx(low, abs=2e-6)
    assert found.high == pytest.approx(high, abs=2e-6)


def test_none_of_none_says_nothing():
    found = clopper_pearson(0, 0)
    assert (found.share, found.low, found.high) == (0.0, 0.0, 1.0)


def test_more_hits_than_tries_are_refused():
    with pytest.raises(ValueError, match="3 hits of 2"):
        clopper_pearson(3, 2)


def test_of_nothing_the_ends_are_known_in_closed_form():
    for tries in (1, 7, 60, 5000):
        assert clopper_pearson(0, tries).high == pytest.approx(1 - 0.025 ** (1 / tries), rel=1e-9)
        assert clopper_pearson(tries, tries).low == pytest.approx(0.025 ** (1 / tries), rel=1e-9)


@given(counts)
def test_its_ends_are_where_the_binomial_tails_hold_what_they_should(count):
    hits, tries = count
    found = clopper_pearson(hits, tries)
    if hits:
        assert _at_least(hits, tries, found.low) == pytest.approx(0.025, rel=1e-6)
    if hits < tries:
        assert _at_least(tries - hits, tries, 1 - found.high) == pytest.approx(0.025, rel=1e-6)


def _at_least(hits: int, tries: int, chance: float) -> float:
    return sum(math.comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, tries + 1))


@given(counts)
def test_it_holds_the_share_and_nests_with_confidence(count):
    wide, narrow = clopper_pearson(*count, 0.99), clopper_pearson(*count, 0.8)
    assert 0 <= wide.low <= narrow.low <= narrow.share <= narrow.high <= wide.high <= 1


@given(counts)
def test_one_hit_more_moves_both_ends_up_and_one_try_more_moves_both_down(count):
    hits, tries = count
    here, more = clopper_pearson(hits, tries), clopper_pearson(hits + 1, tries + 1)
    assert here.low <= more.low
    assert here.high <= more.high
    missed = clopper_pearson(hits, tries + 1)
    assert missed.low <= here.low
    assert missed.high <= here.high


@settings(max_examples=50)
@given(counts)
def test_the_other_side_mirrors_it(count):
    hits, tries = count
    here, other = clopper_pearson(hits, tries), clopper_pearson(tries - hits, tries)
    assert other.low == pytest.approx(1 - here.high, abs=1e-12)


def test_a_hundred_thousand_tries_are_no_trouble():
    found = clopper_pearson(50_000, 100_000)
    assert found.high - found.share == pytest.approx(1.96 * 0.5 / math.sqrt(100_000), rel=0.01)


@given(st.floats(0.001, 0.999), st.integers(1, 300), st.integers(1, 300))
def test_the_quantile_undoes_the_function(probability, a, b):
    assert incomplete_beta(beta_quantile(probability, a, b), a, b) == pytest.approx(probability, abs=1e-9)
