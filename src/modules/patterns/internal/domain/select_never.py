"""What is never acted on from a guess: a wrong guess there costs more than a switch that a person must press.

By domain, and by the words of the entity id, since the history knows no device classes: `switch.oven` is an oven,
whatever its domain, `input_boolean.heating` may be read by an automation that heats. A word counts by its stem, in
English, German, French, Spanish and Dutch. A lamp that is left out by mistake costs a few presses, an oven that is let
in costs a kitchen; so a doubtful name is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from modules.patterns.internal.domain.select_never_words import CRITICAL_WORDS, HARMLESS_WORDS

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
_PLURAL: Final = "(?:s|es|n|en|e|x)?"


def _pattern(stems: Iterable[str]) -> re.Pattern[str]:
    """`word`: it or its plural; `stem*`: what begins with it; `*stem`: what ends with it; `*stem*`: what holds it."""
    parts = []
    for stem in stems:
        before, after = "[a-z]*" if stem.startswith("*") else "", "[a-z]*" if stem.endswith("*") else _PLURAL
        parts.append(f"{before}{re.escape(stem.strip('*'))}{after}")
    return re.compile("|".join(parts))


_PATTERNS: Final = tuple((_pattern(stems.split()), reason) for reason, stems in CRITICAL_WORDS.items())
_HARMLESS: Final = _pattern(HARMLESS_WORDS.split())


@lru_cache(maxsize=65_536)
def why_never(entity_id: str) -> str | None:
    """Why no rule may act on this entity, or None when one may."""
    domain, _, name = entity_id.lower().partition(".")
    if domain in CRITICAL_DOMAINS:
        return CRITICAL_DOMAINS[domain]
    words = [word for word in re.split(r"[^a-z]+", name) if word and not _HARMLESS.fullmatch(word)]
    for pattern, reason in _PATTERNS:
        if any(pattern.fullmatch(word) for word in words):
            return reason
    return None
