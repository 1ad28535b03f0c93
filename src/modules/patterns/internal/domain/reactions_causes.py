"""What a gesture might be a reaction to: every change of another entity that a rule's trigger can state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import Codes, Log, Times
from modules.patterns.internal.domain.triggers import trigger_times
from modules.patterns.types import NumericTrigger, StateTrigger

HOLDS_SECONDS: Final = (0, 120, 600, 1800)
"""How long a state has been kept; 0 is the change itself."""
FEWEST_CAUSES: Final = 5
_MOST_STATES: Final = 8
_QUANTILES: Final = (0.1, 0.5, 0.9)
_SILENT_DOMAINS: Final = frozenset(
    ("automation", "script", "scene", "update", "button", "event", "sun", "time", "date")
)
"""What does not say that somebody did something, or would make an automation react to itself."""


@dataclass(frozen=True)
class Cause:
    """A trigger and when it would have fired (UTC ms, ascending)."""

    entity: int
    trigger: StateTrigger | NumericTrigger
    times: Times


def causes(log: Log, start_ms: int, end_ms: int) -> Iterator[Cause]:
    """Every cause that came often enough in the stretch, in the order of entities, states and holds."""
    for entity_id in sorted(log.entity_ids):
        if entity_id.split(".")[0] in _SILENT_DOMAINS:
            continue
        code = log.entity_codes[entity_id]
        rows = log.rows_of(code)
        low, high = np.searchsorted(log.times[rows], (start_ms, end_ms))
        for trigger in _triggers(log, entity_id, log.states[rows[low:high]]):
            times = trigger_times(trigger, log, 0, 0)
            times = times[np.searchsorted(times, start_ms) : np.searchsorted(times, end_ms)]
            if len(times) >= FEWEST_CAUSES:
                yield Cause(code, trigger, times)


def _triggers(log: Log, entity_id: str, states: Codes) -> Iterator[StateTrigger | NumericTrigger]:
    """What a trigger can say about an entity that showed these states."""
    seen = np.unique(states)
    named = seen[~log.without_value[seen]]
    numeric = np.isfinite(log.numbers[named])
    if numeric.sum() > max(1, len(named) / 2):
        yield from _levels(entity_id, log.numbers[states])
    elif 2 <= len(named) <= _MOST_STATES:
        for name in sorted(log.state_names[state] for state in named):
            for hold in HOLDS_SECONDS:
                yield StateTrigger(entity_ids=(entity_id,), to=(name,), for_seconds=float(hold))


def _levels(entity_id: str, values: NDArray[np.float64]) -> Iterator[NumericTrigger]:
    values = np.sort(values[np.isfinite(values)])
    for level in dict.fromkeys(float(f"{value:.3g}") for value in (*np.quantile(values, _QUANTILES), _divide(values))):
        yield NumericTrigger(entity_ids=(entity_id,), above=level)
        yield NumericTrigger(entity_ids=(entity_id,), below=level)


def _divide(values: NDArray[np.float64]) -> float:
    """Where sorted values fall into two groups: the cut with the largest variance between them (Otsu 1979)."""
    below = np.arange(1, len(values))
    sums = np.cumsum(values)[:-1]
    apart = below * (len(values) - below) * (sums / below - (values.sum() - sums) / (len(values) - below)) ** 2
    cut = int(np.argmax(apart))
    return float(values[cut] + values[cut + 1]) / 2.0
