"""How sure a counted share is: Clopper and Pearson's exact interval (Biometrika 26, 1934, 404-413).

Its ends are quantiles of beta distributions: low of (hits, tries - hits + 1), high of (hits + 1, tries - hits). The
regularised incomplete beta function is computed by its continued fraction (Abramowitz and Stegun 26.5.8, by Lentz's
method), the quantile by halving.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from modules.patterns.types.score import Bounded

_TINY: Final = 1e-300
_HALVINGS: Final = 60


@lru_cache(maxsize=100_000)
def clopper_pearson(hits: int, tries: int, confidence: float = 0.95) -> Bounded:
    """`hits` of `tries` with two-sided bounds. No tries: 0, with bounds 0 and 1."""
    if not 0 <= hits <= tries:
        raise ValueError(f"{hits} hits of {tries} tries: hits must be between none and all")
    if tries == 0:
        return Bounded(hits=0, tries=0, share=0.0, low=0.0, high=1.0)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if hits == 0 else beta_quantile(tail, hits, tries - hits + 1)
    high = 1.0 if hits == tries else beta_quantile(1.0 - tail, hits + 1, tries - hits)
    return Bounded(hits=hits, tries=tries, share=hits / tries, low=low, high=high)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with incomplete_beta(x, a, b) = probability."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: the chance that a beta(a, b) variable is at most x."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1.0 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction, until a step changes nothing; it needs O(sqrt(max(a, b))) steps."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, 200 + int(10 * math.sqrt(max(a, b)))):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)),
        ):
            d = 1.0 / _nonzero(1.0 + step * d)
            c = _nonzero(1.0 + step / c)
            value *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
