"""From a finding to the rule that would act on it: when, on which days, what to call."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.clock import DAY_MS
from modules.patterns.internal.domain.daytypes import of_type, weekdays
from modules.patterns.internal.domain.learn_mine import Clockwork, Finding, Reaction
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.reactions import lags
from modules.patterns.types import CallService, Condition, Rule, TimeCondition, TimeTrigger, Trigger

EARLY_MS: Final = 900_000
LATE_MS: Final = 120_000
"""The replay's wide window: a rule saves a gesture from 900 s before it to 120 s after it."""
_MINUTE_MS: Final = 60_000
_SMOOTHING: Final = np.concatenate((np.arange(1, 8), np.arange(8, 0, -1)))

SERVICES: Final = {
    "light": {"on": "light.turn_on", "off": "light.turn_off"},
    "switch": {"on": "switch.turn_on", "off": "switch.turn_off"},
    "fan": {"on": "fan.turn_on", "off": "fan.turn_off"},
    "input_boolean": {"on": "input_boolean.turn_on", "off": "input_boolean.turn_off"},
    "humidifier": {"on": "humidifier.turn_on", "off": "humidifier.turn_off"},
    "cover": {"open": "cover.open_cover", "closed": "cover.close_cover"},
    "media_player": {
        "on": "media_player.turn_on",
        "off": "media_player.turn_off",
        "playing": "media_player.media_play",
        "paused": "media_player.media_pause",
    },
}
"""How a state is brought about, where a service says it fully. What is not here is not proposed."""


def service_for(entity_id: str, state: str) -> str | None:
    """The service that gives the entity this state, or None."""
    return SERVICES.get(entity_id.split(".")[0], {}).get(state)


def supporting(past: Past, finding: Finding, start_ms: int, end_ms: int) -> NDArray[np.int64]:
    """The gestures behind a finding, in order (UTC ms)."""
    made = past.made(finding.target, start_ms, end_ms)
    if isinstance(finding, Reaction):
        return made[lags(finding.cause.times, made) <= finding.lag_ms]
    shifted = past.clock.local_ms(made) - finding.start_ms
    kept = (shifted % DAY_MS < finding.width_ms) & of_type(shifted // DAY_MS, finding.day_type)
    return made[kept]


def rule_for(past: Past, finding: Finding, start_ms: int, end_ms: int) -> Rule:
    """The plain rule of a finding, its parameters taken from the mining weeks only."""
    if isinstance(finding, Reaction):
        return _rule(finding.target, finding.cause.trigger, ())
    at = best_clock(past, finding, start_ms, end_ms)
    days = weekdays(finding.day_type, shift=at // DAY_MS)
    conditions = (TimeCondition(weekdays=days),) if days else ()
    return _rule(finding.target, TimeTrigger(at=clock_text(at)), conditions)


def best_clock(past: Past, finding: Clockwork, start_ms: int, end_ms: int) -> int:
    """The time that would have saved the gesture on most days, in ms after the midnight before the window.

    Smoothed over a quarter of an hour, for the very best minute of the mining weeks is partly luck; of equals the
    middle one. Beyond a day: the window runs over midnight and the best time lies after it.
    """
    made = past.clock.local_ms(past.made(finding.target, start_ms, end_ms))
    shifted = made - finding.start_ms + EARLY_MS
    shifted = shifted[of_type(shifted // DAY_MS, finding.day_type)]
    grid = np.arange(0, finding.width_ms + EARLY_MS + LATE_MS, _MINUTE_MS)
    after = (shifted % DAY_MS)[:, None] - grid[None, :]
    saves = (after >= -LATE_MS) & (after <= EARLY_MS)
    starts = np.flatnonzero(np.diff(shifted // DAY_MS, prepend=-1))
    days = np.maximum.reduceat(saves, starts).sum(axis=0)
    smooth = np.convolve(days, _SMOOTHING, mode="same")
    best = np.flatnonzero(smooth == smooth.max())
    return int(finding.start_ms - EARLY_MS + grid[best[len(best) // 2]])


def clock_text(at_ms: int) -> str:
    """06:45:00, of milliseconds after a midnight."""
    minutes = at_ms // _MINUTE_MS % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"


def _rule(target: Target, trigger: Trigger, conditions: tuple[Condition, ...]) -> Rule:
    service = service_for(target.entity_id, target.state_name)
    if service is None:
        raise ValueError(f"no service gives {target.entity_id} the state {target.state_name!r}")
    return Rule(
        name=f"{target.entity_id} {target.state_name}",
        triggers=(trigger,),
        conditions=conditions,
        actions=(CallService(service=service, entity_ids=(target.entity_id,)),),
    )
