"""What the log loses: restarts of Home Assistant, devices that drop out, a link that flaps. Life goes on meanwhile.

While a thing is gone nothing is written of it; when it is back its present state is written, moved by nobody.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from modules.training.internal.simulation.calendar import DAY
from modules.training.internal.simulation.world import UNKNOWN, Change

Gap = tuple[float, float]
UNAVAILABLE: Final = "unavailable"
DAYS_BETWEEN_RESTARTS: Final = 13.0
_DROPOUTS_A_DAY: Final = 0.02
_FLAPPING: Final = 0.12


def outages(entities: Sequence[str], days: int, skipped: Sequence[Gap], rng: Random) -> dict[str, list[Gap]]:
    """By entity: when it is gone, sorted and apart. One in eight things flaps: it is gone for seconds, often.

    `skipped`: stretches that do not exist on the clock, in which nothing can go.
    """
    restarts = list(_times(DAYS_BETWEEN_RESTARTS * DAY, days, rng))
    found: dict[str, list[Gap]] = {}
    for entity in entities:
        gone = [(at + rng.uniform(0, 2), at + rng.uniform(15, 90)) for at in restarts]
        gone += [(at, at + rng.uniform(20, 1800)) for at in _times(DAY / _DROPOUTS_A_DAY, days, rng)]
        if rng.random() < _FLAPPING:
            gone += [(at, at + rng.uniform(1, 20)) for at in _times(DAY / 1.5, days, rng)]
        real = [gap for gap in gone if not any(gap[0] < end and start <= gap[1] for start, end in skipped)]
        found[entity] = _apart(sorted(real))
    return found


def lossy(changes: Sequence[Change], gaps: Mapping[str, Sequence[Gap]], first: Mapping[str, str]) -> list[Change]:
    """What the log holds of the changes; it begins with the state of everything (`first`; else off, or unknown)."""
    by_entity: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_entity[change.entity_id].append(change)
    begins = {entity: "unknown" if entity.startswith("sensor.") else "off" for entity in by_entity} | dict(first)
    lines = [_line(part, gaps.get(entity, ()), begins[entity]) for entity, part in by_entity.items()]
    return list(heapq.merge(*lines))


def _line(changes: Sequence[Change], gaps: Sequence[Gap], state: str) -> Iterator[Change]:
    entity, shown, at = changes[0].entity_id, state, 0
    yield Change(0.0, entity, state, UNKNOWN)
    for start, end in (*gaps, (float("inf"), float("inf"))):
        while at < len(changes) and changes[at].second < start:
            state = changes[at].state
            if state != shown:
                yield changes[at]
            shown, at = state, at + 1
        if start == float("inf"):
            return
        yield Change(start, entity, UNAVAILABLE, UNKNOWN)
        while at < len(changes) and changes[at].second < end:
            state, at = changes[at].state, at + 1
        shown = state
        yield Change(end, entity, state, UNKNOWN)


def _times(mean: float, days: int, rng: Random) -> Iterator[float]:
    second = rng.expovariate(1 / mean)
    while second < days * DAY - 7200.0:
        yield second
        second += rng.expovariate(1 / mean)


def _apart(gaps: Sequence[Gap]) -> list[Gap]:
    kept: list[Gap] = []
    for start, end in gaps:
        if not kept or start > kept[-1][1] + 1.0:
            kept.append((start, end))
    return kept
