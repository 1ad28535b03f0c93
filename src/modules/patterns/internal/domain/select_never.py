"""What is never acted on from a guess: a wrong guess there costs more than a switch that a person must press.

By domain, and by words in the entity id, since the history knows no device classes: `switch.oven` is an oven.
"""

from __future__ import annotations

import re
from typing import Final

CRITICAL_DOMAINS: Final = {
    "lock": "it lets people in or out",
    "alarm_control_panel": "it guards the home",
    "siren": "it frightens people and neighbours",
    "climate": "it heats or cools for hours, and can freeze pipes",
    "water_heater": "it heats water, and can scald",
    "valve": "it lets water or gas flow",
    "lawn_mower": "it has blades",
    "camera": "it watches people",
    "button": "nobody can tell from the history what it starts",
    "script": "nobody can tell from the history what it does",
    "automation": "automations must not switch each other on a guess",
    "update": "it changes software",
}
CRITICAL_WORDS: Final = {
    ("garage", "gate", "door", "lock"): "it lets people in or out",
    ("oven", "stove", "hob", "cooker", "cooktop", "grill", "fryer", "toaster", "iron", "kettle"): "it can start a fire",
    ("heater", "heating", "boiler", "furnace", "fireplace", "sauna", "radiator", "thermostat", "blanket"): (
        "it heats, and can start a fire"
    ),
    ("pump", "valve", "sprinkler", "irrigation", "gas", "water"): "it lets water or gas flow",
    ("alarm", "siren"): "it guards the home",
    ("freezer", "fridge", "refrigerator", "router", "modem", "nas", "server", "ventilator", "oxygen", "medical"): (
        "something depends on it at all hours"
    ),
    ("charger", "wallbox", "inverter", "battery"): "it carries much current",
}
_LIGHTS: Final = ("light", "media_player", "input_boolean", "scene")
"""Here a word names the room or the mood: `light.garage` is a light."""


def why_never(entity_id: str) -> str | None:
    """Why no rule may act on this entity, or None when one may."""
    domain, _, name = entity_id.partition(".")
    if domain in CRITICAL_DOMAINS:
        return CRITICAL_DOMAINS[domain]
    if domain in _LIGHTS:
        return None
    words = set(re.split(r"[_0-9]+", name))
    for critical, reason in CRITICAL_WORDS.items():
        if words.intersection(critical):
            return reason
    return None
