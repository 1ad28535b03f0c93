"""The same home with its habits taken out, to see what a miner finds where there is nothing.

For each thing that is operated by hand, by itself: the days' numbers of acts are dealt to other days, and within its
new day each act falls on a moment drawn from that day's waking time at home. The order of its states stays. So each
thing is used as often, on days as busy, at hours at which people are up, and no act knows of the clock, of a sensor, of
another thing or of the act before. Sensors, people and what automations do stay where they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from modules.training.internal.simulation.calendar import DAY
from modules.training.internal.simulation.devices import AWAY
from modules.training.internal.simulation.outages import Gap
from modules.training.internal.simulation.people import Stay
from modules.training.internal.simulation.world import AUTOMATION, MANUAL, UNKNOWN, Change

_PASSING = {"opening": "open", "closing": "closed"}


def shuffled(changes: Sequence[Change], stays: Sequence[Stay], days: int, rng: Random) -> list[Change]:
    """The changes with every act of a hand moved."""
    awake = _waking(stays, days)
    by_hand = {change.entity_id for change in changes if change.origin == MANUAL}
    kept = [change for change in changes if change.entity_id not in by_hand]
    lines: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.entity_id in by_hand and change.origin != UNKNOWN:
            lines[change.entity_id].append(change._replace(state=_PASSING.get(change.state, change.state)))
    for entity in sorted(lines):
        kept += _line(lines[entity], awake, rng)
    return sorted(kept)


def _line(changes: Sequence[Change], awake: Sequence[Sequence[Gap]], rng: Random) -> list[Change]:
    hands = [change for change in changes if change.origin == MANUAL]
    counts = [0] * len(awake)
    for change in hands:
        counts[int(change.second // DAY)] += 1
    home = [index for index, spans in enumerate(awake) if spans]
    dealt = rng.sample(home, len(home))
    times = [_moment(awake[dealt[at]], rng) for at, index in enumerate(home) for _ in range(counts[index])]
    moved = [hand._replace(second=second) for hand, second in zip(hands, sorted(times), strict=False)]
    machine = [change for change in changes if change.origin == AUTOMATION]
    return _true(sorted([*moved, *machine]))


def _true(changes: Sequence[Change]) -> list[Change]:
    """Only changes that change something. An act that would change nothing brings the state before."""
    kept: list[Change] = []
    for change in changes:
        if kept and kept[-1].state == change.state:
            other = kept[-2].state if len(kept) > 1 else ""
            if not other or other == change.state or change.origin == AUTOMATION:
                continue
            change = change._replace(state=other)
        kept.append(change)
    return kept


def _waking(stays: Sequence[Stay], days: int) -> list[list[Gap]]:
    """By day: the stretches in which somebody is up and at home."""
    found: list[list[Gap]] = [[] for _ in range(days)]
    for stay in stays:
        start = max(stay.start, 0.0)
        while not stay.asleep and stay.room != AWAY and start < min(stay.end, days * DAY):
            day = int(start // DAY)
            end = min(stay.end, (day + 1) * DAY)
            found[day].append((start, end))
            start = end
    return found


def _moment(spans: Sequence[Gap], rng: Random) -> float:
    lengths = list(accumulate(end - start for start, end in spans))
    at = rng.random() * lengths[-1]
    index = bisect_left(lengths, at)
    start, end = spans[index]
    return max(end - (lengths[index] - at), start)
