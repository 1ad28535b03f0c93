"""Plain tallies of what the ports did: calls, errors by type and a latency histogram, per operation and route.

No lock and no client library: a note costs a fraction of a microsecond. `snapshot` is what metrics are made of.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from kernel.errors import Fault
from kernel.facade.wire import fault_name

Route = Literal["local", "remote"]

BOUNDS_SECONDS = (0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
"""Upper bounds of the latency buckets; one more bucket holds the rest."""


class Tally:
    """One operation by one route. A stream counts once; its latency is the time to its first item."""

    __slots__ = ("buckets", "calls", "failures", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0
        self.failures: dict[str, int] = {}
        self.buckets = [0] * (len(BOUNDS_SECONDS) + 1)

    def note(self, seconds: float) -> None:
        self.calls += 1
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS_SECONDS, seconds)] += 1

    def failed(self, fault: Fault) -> None:
        name = fault_name(type(fault))
        self.failures[name] = self.failures.get(name, 0) + 1


@dataclass(frozen=True)
class Measured:
    """A tally at one moment. `buckets` are counts per bucket, not cumulated."""

    operation: str
    route: Route
    calls: int
    seconds: float
    failures: dict[str, int]
    buckets: tuple[int, ...]


class Meter:
    """The tallies of a house."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, Route], Tally] = {}

    def tally(self, operation: str, route: Route) -> Tally:
        """The one tally of `patterns/Replay/replay` by this route; all its callers share it."""
        return self._tallies.setdefault((operation, route), Tally())

    def snapshot(self) -> tuple[Measured, ...]:
        return tuple(
            Measured(operation, route, tally.calls, tally.seconds, dict(tally.failures), tuple(tally.buckets))
            for (operation, route), tally in self._tallies.items()
        )
