"""Chance, and how much of it we accept: exact tails, and a false discovery rate over all hypotheses tried.

Hits on days are independent but not equally likely. Hoeffding (1956, Ann. Math. Stat. 27, theorem 4): at or above one
more than its mean, the tail of such a sum is at most the binomial's with the same mean. We use that bound, and 1 below.
Hypotheses overlap (neighbouring windows, sensors that see the same person), so the rate is controlled after Benjamini
and Yekutieli (2001, Ann. Stat. 29, theorem 1.3), which holds under any dependence and costs a factor of about ln(m).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def tail(hits: Counts, days: Counts, expected: Floats) -> Floats:
    """P(at least `hits` of `days`) at most, when `expected` were to come by chance. All of one shape."""
    result = np.ones(hits.shape)
    unlikely = (hits >= expected + 1.0) & (days > 0)
    hits, days, expected = hits[unlikely], days[unlikely], expected[unlikely]
    if len(hits):
        result[unlikely] = _binomial_tail(hits, days, np.clip(expected / days, 1e-12, 1.0 - 1e-12))
    return result


def _binomial_tail(hits: Counts, days: Counts, share: Floats) -> Floats:
    """P(Binomial(days, share) >= hits): the terms from `hits` on, summed in slices that bound the memory."""
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, int(days.max()) + 1)))))
    total = np.empty(len(hits))
    for low in range(0, len(hits), 4096):
        part = slice(low, low + 4096)
        n, k, p = days[part, None], hits[part, None], share[part, None]
        steps = np.arange(int((n - k).max()) + 1)
        i = np.minimum(k + steps, n)
        terms = log_factorial[n] - log_factorial[i] - log_factorial[n - i] + i * np.log(p) + (n - i) * np.log1p(-p)
        total[part] = np.where(k + steps <= n, np.exp(terms), 0.0).sum(axis=1)
    return np.minimum(total, 1.0)


def q_values(p: Floats) -> Floats:
    """Benjamini-Yekutieli adjusted: the smallest rate at which each hypothesis would be a discovery."""
    m = len(p)
    if m == 0:
        return p
    order = np.argsort(p, kind="stable")
    harmonic = float((1.0 / np.arange(1, m + 1)).sum())
    adjusted = p[order] * (m * harmonic) / np.arange(1, m + 1)
    adjusted = np.minimum(np.minimum.accumulate(adjusted[::-1])[::-1], 1.0)
    result = np.empty(m)
    result[order] = adjusted
    return result
