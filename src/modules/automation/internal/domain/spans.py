"""Times in words: how long, at what time of day, on which days."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_ALL: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES: Final = {
    "mon": "Mondays",
    "tue": "Tuesdays",
    "wed": "Wednesdays",
    "thu": "Thursdays",
    "fri": "Fridays",
    "sat": "Saturdays",
    "sun": "Sundays",
}


def span(seconds: float) -> str:
    """`5 minutes`, `1 hour 30 minutes`, `2.5 seconds`."""
    parts, rest = [], seconds
    for size, name in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(_counted(count, name))
    if rest or not parts:
        parts.append(_counted(rest, "second"))
    return " ".join(parts)


def _counted(count: float, name: str) -> str:
    return f"{round(count, 3):g} {name}" + ("" if count == 1 else "s")


def clock(at: str) -> str:
    """`07:30:00` is `07:30`."""
    return at.removesuffix(":00") if len(at) == 8 else at


def day_names(weekdays: tuple[str, ...]) -> tuple[str, ...]:
    """`a weekday`, `a weekend`, `Monday`, `Friday`: what a day can be."""
    chosen = tuple(day for day in _ALL if day in weekdays)
    if chosen in (_ALL[:5], _ALL[5:]):
        return ("a weekday" if chosen == _ALL[:5] else "a weekend",)
    return tuple(_NAMES[day].removesuffix("s") for day in chosen)


def days(weekdays: tuple[str, ...]) -> str:
    """`on weekdays`, `at weekends`, `on Mondays and Fridays`; nothing for all."""
    chosen = tuple(day for day in _ALL if day in weekdays)
    if chosen in ((), _ALL):
        return ""
    if chosen == _ALL[:5]:
        return "on weekdays"
    if chosen == _ALL[5:]:
        return "at weekends"
    names = [_NAMES[day] for day in chosen]
    return "on " + " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
