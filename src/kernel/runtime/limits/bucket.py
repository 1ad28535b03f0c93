"""Token buckets: `burst` at once, refilled at `per_second`. Pure: the time is given in."""

from __future__ import annotations

from collections import OrderedDict

MOST_KEYS = 4096
"""Keys remembered at once; beyond it the longest unasked one is forgotten, which gives it a full bucket."""


class Buckets:
    """One bucket per key. `now` is any clock in seconds that never goes back."""

    def __init__(self, per_second: float, burst: float, most_keys: int = MOST_KEYS) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._most_keys = most_keys
        self._buckets: OrderedDict[str, list[float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one. 0 when there was one; else the seconds until there will be, and nothing is taken."""
        bucket = self._buckets.get(key)
        if bucket is None:
            self._add(key, now)
            return 0.0
        self._buckets.move_to_end(key)
        level = min(self._burst, bucket[0] + (now - bucket[1]) * self._per_second)
        bucket[1] = now
        if level < 1.0:
            bucket[0] = level
            return (1.0 - level) / self._per_second
        bucket[0] = level - 1.0
        return 0.0

    def _add(self, key: str, now: float) -> None:
        self._buckets[key] = [self._burst - 1.0, now]
        if len(self._buckets) > self._most_keys:
            self._buckets.popitem(last=False)

    def __len__(self) -> int:
        return len(self._buckets)
