"""What people operate by hand, which of its states a hand brings about, and what Home Assistant's services do to it.

Only these domains have gestures. Left out on purpose:

    lock, alarm_control_panel, siren, garage doors' buttons   a habit is no reason to open a house or silence an alarm
    scene, script, automation, group                          they stand for the entities that they change
    input_number, input_select, number, select, text          settings; their states are no acts that repeat
    button, event, update, person, sensor, binary_sensor, …   nothing is left on or off

States that a device passes through on its own count as the one that was asked for: a cover that is `closing` was told
to be `closed`, and reaching it is no second act. What devices do by themselves is no gesture: a player falls idle at
the end of a record, a vacuum goes home when it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from modules.patterns.internal.domain.log import Codes, Flags, Log
from modules.patterns.internal.domain.timeline import Timeline, timeline


@dataclass(frozen=True)
class Actuator:
    """One domain. `same`: passing states and what they stand for. `by_hand`: states that a hand brings about (None:
    all).

    `only_from_off`: states that are an act only when the entity was off before. `on_is_any`: whatever is not off is on.
    """

    same: Mapping[str, str] = field(default_factory=dict)
    by_hand: frozenset[str] | None = frozenset(("on", "off"))
    only_from_off: frozenset[str] = frozenset()
    on_is_any: bool = False


_SWITCHED: Final = Actuator()
_MOVED: Final = Actuator(same={"opening": "open", "closing": "closed"}, by_hand=frozenset(("open", "closed")))

ACTUATORS: Final[Mapping[str, Actuator]] = {
    "light": _SWITCHED,
    "switch": _SWITCHED,
    "fan": _SWITCHED,
    "input_boolean": _SWITCHED,
    "humidifier": _SWITCHED,
    "cover": _MOVED,
    "valve": _MOVED,
    "climate": Actuator(by_hand=None, on_is_any=True),
    "media_player": Actuator(
        same={"buffering": "playing", "idle": "on", "standby": "off"},
        by_hand=frozenset(("on", "off", "playing", "paused")),
        only_from_off=frozenset(("on",)),
        on_is_any=True,
    ),
    "vacuum": Actuator(same={"returning": "docked"}, by_hand=frozenset(("cleaning", "paused"))),
}


def domain_of(entity_id: str) -> str:
    return entity_id.partition(".")[0]


def actuator_of(entity_id: str) -> Actuator | None:
    """None: nothing that people operate, or nothing that a habit may operate."""
    return ACTUATORS.get(domain_of(entity_id))


def actuators(log: Log) -> tuple[int, ...]:
    """The codes of the log's actuators."""
    return tuple(code for code, name in enumerate(log.entity_ids) if domain_of(name) in ACTUATORS)


def settled(log: Log, entity: int) -> Timeline:
    """The entity's transitions with passing states taken for what they stand for."""
    actuator = actuator_of(log.entity_ids[entity])
    if actuator is None or not actuator.same:
        return timeline(log, entity)
    same: Codes = np.arange(len(log.state_names), dtype=np.int32)
    for passing, meant in actuator.same.items():
        if passing in log.state_codes and meant in log.state_codes:
            same[log.state_codes[passing]] = log.state_codes[meant]
    return timeline(log, entity, same)


def made_by_hand(log: Log, entity: int, old: Codes, new: Codes) -> Flags:
    """Which transitions a hand may have made: between two states with a value, into one that is an act."""
    good: Flags = ~log.without_value[old] & ~log.without_value[new]
    actuator = actuator_of(log.entity_ids[entity])
    if actuator is None:
        return np.zeros(len(new), dtype=np.bool_)
    if actuator.by_hand is not None:
        good &= np.isin(new, _codes(log, actuator.by_hand))
    if actuator.only_from_off:
        good &= ~np.isin(new, _codes(log, actuator.only_from_off)) | np.isin(old, _codes(log, {"off"}))
    return good


def _codes(log: Log, names: frozenset[str] | set[str]) -> list[int]:
    return [log.state_codes[name] for name in sorted(names) if name in log.state_codes]
