"""What a rule's actions do to the home, as far as that can be known from the rule alone.

An effect is one entity that comes into one state, some time after the rule began. Services that leave the state alone
(a notice, a set temperature) have none. What may change states but does not say which (an area, a scene, a verbatim
part, a service with an open result) cannot be scored: a rule whose every change is such is not replayable, for its
score would be a nought that reads as harmless; of a rule that has other effects these are scored, and `unscored` names
the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.facade import Scalar
from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.actuators import domain_of
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.timeline import code_of
from modules.patterns.types.rule import Action, ActivateScene, CallService, Delay, Opaque, Rule

TOGGLE: Final = "(toggle)"
"""Not a state: whichever of the two the entity is not in."""

_SWITCHES: Final[Mapping[str, str]] = {"turn_on": "on", "turn_off": "off", "toggle": TOGGLE}
_OUTCOMES: Final[Mapping[str, Mapping[str, str]]] = {
    "cover": {"open_cover": "open", "close_cover": "closed", "toggle": TOGGLE},
    "valve": {"open_valve": "open", "close_valve": "closed", "toggle": TOGGLE},
    "climate": {"turn_off": "off"},
    "media_player": {**_SWITCHES, "media_play": "playing", "media_pause": "paused", "media_stop": "on"},
    "vacuum": {"start": "cleaning", "pause": "paused", "return_to_base": "docked"},
    "lock": {"lock": "locked", "unlock": "unlocked"},
    "scene": {},
    "script": {},
}
"""What services make of the domains that have words of their own; all others are switched on and off."""
_RUN_ANYTHING: Final = frozenset(("script", "scene", "python_script", "shell_command", "pyscript"))
_NAMED_IN_DATA: Final = {"set_hvac_mode": "hvac_mode", "select_option": "option", "set_value": "value"}
_STATELESS: Final = frozenset(
    (
        "set_temperature",
        "set_humidity",
        "set_fan_mode",
        "set_preset_mode",
        "set_percentage",
        "set_cover_position",
        "set_cover_tilt_position",
        "set_valve_position",
        "volume_set",
        "volume_up",
        "volume_down",
        "volume_mute",
        "select_source",
        "send_command",
        "speak",
        "send_message",
    )
)
"""They set attributes. A cover's position may open or close it; which state follows is not said, so it is left out."""


@dataclass(frozen=True)
class Effect:
    """`entity` comes into `state` (or TOGGLE) `after_ms` after the actions began."""

    after_ms: int
    entity: int
    state: str


@dataclass(frozen=True)
class Effects:
    effects: tuple[Effect, ...]
    unscored: tuple[str, ...]


def effects_of(rule: Rule, log: Log) -> Effects:
    """Raises UnknownEntity for a target never seen, NotReplayable if nothing that the rule changes can be known."""
    found: list[Effect] = []
    unscored: list[str] = []
    after_ms = 0
    for action in rule.actions:
        if isinstance(action, Delay):
            after_ms += round(action.seconds * 1000)
        elif isinstance(action, CallService):
            found.extend(_of_call(action, log, after_ms, unscored))
        elif part := _unknown_part(action):
            unscored.append(part)
    if unscored and not found:
        raise NotReplayable(part="the rule's effect", reason=f"it is not known which states {unscored[0]} changes")
    return Effects(tuple(found), tuple(unscored))


def _of_call(call: CallService, log: Log, after_ms: int, unscored: list[str]) -> list[Effect]:
    service_domain, _, verb = call.service.partition(".")
    if call.area_ids:
        unscored.append(f"{call.service} on an area")
    elif not call.entity_ids and service_domain in _RUN_ANYTHING:
        unscored.append(call.service)
    found = []
    for entity_id in dict.fromkeys(call.entity_ids):
        entity = code_of(log, entity_id)
        state = _outcome(verb, domain_of(entity_id), call)
        if state is not None:
            found.append(Effect(after_ms, entity, state))
        elif verb not in _STATELESS:
            unscored.append(f"{call.service} on {entity_id}")
    return found


def _outcome(verb: str, domain: str, call: CallService) -> str | None:
    """The state that a service brings an entity of a domain into; None if that is not said."""
    if named := _NAMED_IN_DATA.get(verb):
        return next((_text(datum.value) for datum in call.data if datum.name == named), None)
    return _OUTCOMES.get(domain, _SWITCHES).get(verb)


def _text(value: Scalar | tuple[Scalar, ...] | Opaque) -> str | None:
    return value if isinstance(value, str) else None


def _unknown_part(action: Action) -> str | None:
    if isinstance(action, ActivateScene):
        return f"the scene {action.entity_id}"
    return "a part kept verbatim" if isinstance(action, Opaque) else None
