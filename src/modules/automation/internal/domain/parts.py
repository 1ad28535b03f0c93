"""The small parts of an automation: durations, clock times, entities, limits, and what is kept verbatim."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from modules.automation.errors import NotExpressible
from modules.patterns.types import Opaque

Document = dict[str, Any]
"""Plain data: what YAML is written from and read into."""

_YEAR: Final = 31_536_000
_HOME_ASSISTANT_ID: Final = re.compile(r"(?!.+__)(?!_)[0-9a-z_]+(?<!_)\.(?!_)[0-9a-z_]+(?<!_)")


def duration(name: str, seconds: float) -> Document:
    """`{name: "HH:MM:SS"}`, hours beyond 24 as they are, fractions to the millisecond; nothing for 0."""
    milliseconds = round(seconds * 1000)
    return {name: _hours(milliseconds)} if milliseconds else {}


def offset(name: str, seconds: int) -> Document:
    """`{name: "-00:45:00"}`; nothing for 0. At most a year, as all durations of a rule."""
    if abs(seconds) > _YEAR:
        raise NotExpressible(part=f"an offset of {seconds} s", reason="it is longer than a year")
    return {name: ("-" if seconds < 0 else "") + _hours(abs(seconds) * 1000)} if seconds else {}


def _hours(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}" + (f".{rest:03d}" if rest else "")


def full_clock(at: str) -> str:
    """`07:30` is `07:30:00`."""
    return at if len(at) == 8 else f"{at}:00"


def few(values: tuple[str, ...]) -> str | list[str]:
    """One alone, several as a list."""
    return values[0] if len(values) == 1 else list(values)


def entity(name: str) -> str:
    """The name of an entity or a service, or NotExpressible: Home Assistant's rule is narrower than ours."""
    if not _HOME_ASSISTANT_ID.fullmatch(name):
        raise NotExpressible(
            part=name, reason="Home Assistant takes no underscore at a name's start or end, nor two in a row"
        )
    return name


def entities(names: tuple[str, ...]) -> str | list[str]:
    return few(tuple(entity(name) for name in names))


def limits(part: str, above: float | None, below: float | None) -> Document:
    """`above` and `below` as far as given. Home Assistant wants at least one of them."""
    if above is None and below is None:
        raise NotExpressible(part=part, reason="it names neither above nor below")
    shown = {"above": above, "below": below}
    return {name: _short(limit) for name, limit in shown.items() if limit is not None}


def _short(number: float) -> float | int:
    """21 rather than 21.0."""
    return int(number) if number == int(number) and abs(number) < 1e15 else number


def opaque_mapping(part: str, kept: Opaque) -> Document:
    """A trigger or an action that was kept verbatim: names with values."""
    value = opaque(part, kept)
    if not isinstance(value, dict):
        raise NotExpressible(part=f"{part} kept verbatim", reason="it is no mapping of names to values")
    return value


def opaque(part: str, kept: Opaque) -> Any:
    """What the rule kept verbatim. Raises NotExpressible for text that is no JSON, or cannot be said in YAML alike."""
    try:
        value = json.loads(kept.json, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise NotExpressible(part=f"{part} kept verbatim", reason=f"it is no JSON ({problem})") from None
    _finite(part, value)
    return value


def _no_key_twice(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(part: str, value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise NotExpressible(part=f"{part} kept verbatim", reason="a number in it is too large")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _finite(part, item)
