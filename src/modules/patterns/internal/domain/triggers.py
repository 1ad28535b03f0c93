"""When a trigger goes off, by Home Assistant's rules, over the whole log.

A state trigger goes off at transitions; `unavailable` and `unknown` match only where they are named. A numeric trigger
is armed by a value outside its range (or by no value) and goes off at the next value inside; text that is no number is
passed over. `for` starts at the match and is forgotten when the state is left: strictly before the time is up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.clock import clock_of
from modules.patterns.internal.domain.log import Codes, Flags, Log, Times
from modules.patterns.internal.domain.sun import NO_EVENT, sun_times
from modules.patterns.internal.domain.timeline import Timeline, code_of, timeline
from modules.patterns.types.rule import NumericTrigger, Opaque, StateTrigger, SunTrigger, TimeTrigger, Trigger

Rows = NDArray[np.int64]


def trigger_times(trigger: Trigger, log: Log, first_day: int, last_day: int) -> Times:
    """int64 UTC milliseconds, sorted. Local days first_day to last_day bound the triggers of time and sun."""
    if isinstance(trigger, StateTrigger):
        return _merged([_state_times(trigger, log, code_of(log, name)) for name in dict.fromkeys(trigger.entity_ids)])
    if isinstance(trigger, NumericTrigger):
        return _merged([_numeric_times(trigger, log, code_of(log, name)) for name in dict.fromkeys(trigger.entity_ids)])
    if isinstance(trigger, TimeTrigger):
        span = clock_of(log, _day_ms(first_day), _day_ms(last_day + 1))
        return span.instants(first_day, last_day, clock_ms(trigger.at))
    if isinstance(trigger, SunTrigger):
        return _sun_trigger_times(trigger, log, first_day, last_day)
    assert isinstance(trigger, Opaque)
    raise NotReplayable(part="a trigger", reason=f"it is kept verbatim and not understood: {trigger.json[:120]}")


def clock_ms(at: str) -> int:
    """ "07:30" or "07:30:00" as milliseconds since midnight."""
    hours, minutes, *seconds = (int(part) for part in at.split(":"))
    return ((hours * 60 + minutes) * 60 + (seconds[0] if seconds else 0)) * 1000


def _state_times(trigger: StateTrigger, log: Log, entity: int) -> Times:
    line = timeline(log, entity)
    old, new = line.states[:-1], line.states[1:]
    hits = np.flatnonzero(_allowed(log, old, trigger.from_states) & _allowed(log, new, trigger.to)) + 1
    if not trigger.for_seconds:
        return line.times[hits]
    only_from = bool(trigger.from_states) and not trigger.to
    until = _back_at(line, hits) if only_from else line.left_at()[hits]
    return _held(line.times[hits], until, trigger.for_seconds)


def _allowed(log: Log, states: Codes, named: tuple[str, ...]) -> Flags:
    if named:
        return np.isin(states, [log.state_codes[name] for name in named if name in log.state_codes])
    return ~log.without_value[states]


def _back_at(line: Timeline, rows: Rows) -> Times:
    """When the entity is again in the state that it left: with `from` alone, `for` means "still not back"."""
    back = np.empty(len(rows), dtype=np.int64)
    left = line.states[rows - 1]
    for state in np.unique(left):
        chosen = left == state
        back[chosen] = line.next_time_in(int(state), rows[chosen])
    return back


def _held(since: Times, until: Times, for_seconds: float) -> Times:
    due = since + round(for_seconds * 1000)
    return due[due < until]


def _numeric_times(trigger: NumericTrigger, log: Log, entity: int) -> Times:
    line = timeline(log, entity)
    inside = in_range(log.numbers[line.states], trigger.above, trigger.below)
    speaks = ~np.isnan(log.numbers[line.states]) | log.without_value[line.states]
    rows = np.flatnonzero(speaks)
    hits = rows[1:][inside[rows[1:]] & ~inside[rows[:-1]]]
    if not trigger.for_seconds:
        return line.times[hits]
    outside = np.flatnonzero(~inside)
    until = np.append(line.times[outside], np.iinfo(np.int64).max)[np.searchsorted(outside, hits, side="right")]
    return _held(line.times[hits], until, trigger.for_seconds)


def in_range(numbers: NDArray[np.float64], above: float | None, below: float | None) -> Flags:
    """Strictly above and strictly below; NaN is never inside."""
    inside = ~np.isnan(numbers)
    if above is not None:
        inside &= numbers > above
    if below is not None:
        inside &= numbers < below
    return inside


def _sun_trigger_times(trigger: SunTrigger, log: Log, first_day: int, last_day: int) -> Times:
    shift = trigger.offset_seconds * 1000
    margin = abs(trigger.offset_seconds) // 86_400 + 1
    days = np.arange(first_day - margin, last_day + margin + 1, dtype=np.int64)
    at = sun_times(log, trigger.event, days)
    return np.sort(at[at != NO_EVENT] + shift)


def _day_ms(day: int) -> int:
    return day * 86_400_000


def _merged(parts: list[Times]) -> Times:
    return np.sort(np.concatenate(parts))
