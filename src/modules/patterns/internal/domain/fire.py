"""When a rule would have run: its triggers, then its conditions as they stood, then its mode.

The rule is replayed over the whole log, as if it had always been there, and the window is cut out at the end; so
windows add up. The past is as it was recorded: what the rule itself would have changed is not fed back into its
triggers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.clock import clock_of, in_window
from modules.patterns.internal.domain.conditions import passes
from modules.patterns.internal.domain.log import Flags, Log, Times
from modules.patterns.internal.domain.modes import runs_of
from modules.patterns.internal.domain.triggers import trigger_times
from modules.patterns.types.rule import Delay, NumericTrigger, Rule, StateTrigger, Trigger

MOST_WATCHED: Final = 500
"""Entities that all triggers of a rule watch together."""


@dataclass(frozen=True)
class FiringTimes:
    """`times` int64[n], UTC ms, sorted: when the rule was triggered and ran.

    `begins`: when its actions began (later than `times` if it was queued). `stops`: when `restart` cut it off, else
    NEVER.
    """

    times: Times
    begins: Times
    stops: Times

    def __len__(self) -> int:
        return len(self.times)

    def reached(self, after_ms: int) -> Flags:
        """Which runs got as far as an action `after_ms` after they began. What comes at once always happens."""
        reached: Flags = (self.begins + after_ms < self.stops) | (after_ms == 0)
        return reached

    def between(self, start_ms: int, end_ms: int) -> FiringTimes:
        inside = in_window(self.times, start_ms, end_ms)
        return FiringTimes(self.times[inside], self.begins[inside], self.stops[inside])


def firings(rule: Rule, log: Log, start_ms: int, end_ms: int) -> FiringTimes:
    """Each time with start_ms <= t < end_ms at which the rule would have run, on the local days that the log spans.

    Raises UnknownEntity and NotReplayable as the facade says.
    """
    return all_firings(rule, log).between(start_ms, end_ms)


def all_firings(rule: Rule, log: Log) -> FiringTimes:
    """Each time at which the rule would have run, over the whole log."""
    first_day, last_day, low, high = covered(log)
    _refuse_too_many(rule.triggers)
    parts = [trigger_times(trigger, log, first_day, last_day) for trigger in rule.triggers]
    times = np.sort(np.concatenate(parts))
    times = times[in_window(times, low, high)]
    times = times[passes(rule.conditions, log, times)]
    lasts = sum(action.seconds for action in rule.actions if isinstance(action, Delay))
    return FiringTimes(*runs_of(times, rule.mode, rule.max_runs, round(lasts * 1000)))


def _refuse_too_many(triggers: tuple[Trigger, ...]) -> None:
    """Each entity of each trigger costs a pass over its past, and keeps its times in memory."""
    named = sum(len(one.entity_ids) for one in triggers if isinstance(one, StateTrigger | NumericTrigger))
    if named > MOST_WATCHED:
        reason = f"its triggers watch {named} entities, at most {MOST_WATCHED} can be"
        raise NotReplayable(part="the rule", reason=reason)


def covered(log: Log) -> tuple[int, int, int, int]:
    """The local days that the log spans, first and last, and the instants at which they begin and end."""
    if not len(log):
        return 0, 0, 0, 0
    ends: NDArray[np.int64] = np.array([log.times[0], log.times[-1]], dtype=np.int64)
    clock = clock_of(log, int(ends[0]), int(ends[1]))
    first, last = (int(day) for day in clock.day(ends))
    begins = clock.midnights(first, last + 1)
    return first, last, int(begins[0]), int(begins[-1])
