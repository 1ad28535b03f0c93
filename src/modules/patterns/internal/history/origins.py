"""Who made a change, read off the context that Home Assistant gave it.

    a user                                                     manual
    a parent, or the context of an automation's or script's run   automation
    neither, an actuator, within 5 s after any run             automation: a device that answers late
    neither, an actuator, no run in the 5 s before             manual: a switch on the wall
    neither, anything else                                     unknown

A device that comes back (from no state, unavailable or unknown, or into them) was moved by nobody: unknown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import Final

from modules.patterns.internal.domain.actuators import actuator_of
from modules.patterns.internal.domain.log import AUTOMATION, MANUAL, UNKNOWN
from modules.patterns.internal.history.recorder_store import StateRow

ECHO_SECONDS: Final = 5.0
WITHOUT_VALUE: Final = frozenset(("unavailable", "unknown"))


def origin_of(
    row: StateRow, at: float, entity_id: str, before: str | None, runs: Collection[bytes], run_times: Sequence[float]
) -> int:
    """The origin of a change at `at` from the state `before` (None: none is known)."""
    if row.has_user:
        return MANUAL
    if row.has_parent or row.context in runs:
        return AUTOMATION
    if actuator_of(entity_id) is None or before is None or {before, row.state} & WITHOUT_VALUE:
        return UNKNOWN
    index = bisect_left(run_times, at - ECHO_SECONDS)
    return AUTOMATION if index < len(run_times) and run_times[index] <= at else MANUAL
