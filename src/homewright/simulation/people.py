"""Two people: Anna leaves for work, Ben works in the study. Where each is, stay by stay."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from homewright.simulation.calendar import Day, DayKind
from homewright.simulation.home import AWAY

MINUTE = 60.0
DAY_END = 24 * 3600.0


@dataclass(frozen=True)
class Stay:
    """Somebody is in a room from `start` to `end` (seconds since midnight)."""

    start: float
    end: float
    room: str
    asleep: bool = False


Plan = tuple[tuple[str, str, float], ...]
"""(from when, room, jitter in minutes); the first stay begins at midnight, in bed."""

ANNA_WORKDAY: Plan = (
    ("06:31", "kitchen", 4),
    ("06:58", "bathroom", 4),
    ("07:18", "bedroom", 4),
    ("07:32", AWAY, 5),
    ("17:45", "kitchen", 16),
    ("18:35", "living_room", 14),
    ("22:15", "bathroom", 20),
    ("22:35", "bedroom", 18),
)
BEN_WORKDAY: Plan = (
    ("07:12", "bathroom", 6),
    ("07:36", "kitchen", 5),
    ("08:03", "study", 4),
    ("12:20", "kitchen", 15),
    ("13:00", "study", 12),
    ("17:12", "living_room", 8),
    ("18:05", "kitchen", 14),
    ("18:42", "living_room", 12),
    ("22:45", "bathroom", 18),
    ("23:02", "bedroom", 15),
)
FREE_DAY: Plan = (
    ("08:35", "bathroom", 22),
    ("09:00", "kitchen", 10),
    ("10:05", "living_room", 25),
    ("18:15", "kitchen", 25),
    ("19:10", "living_room", 20),
    ("23:20", "bathroom", 25),
    ("23:40", "bedroom", 20),
)
OUTING: Plan = (("11:30", AWAY, 45), ("15:30", "living_room", 50))


def stays(person: str, day: Day, rng: Random) -> list[Stay]:
    """A person's day. On a trip there is only AWAY."""
    if day.kind == "trip":
        return [Stay(0.0, DAY_END, AWAY)]
    marks = sorted((_moment(at, jitter, rng), room) for at, room, jitter in _plan(person, day.kind, rng))
    starts = [0.0, *(start for start, _ in marks)]
    rooms = ["bedroom", *(room for _, room in marks)]
    ends = [*starts[1:], DAY_END]
    found: list[Stay] = []
    for index, (start, end, room) in enumerate(zip(starts, ends, rooms, strict=True)):
        asleep = index == 0 or index == len(rooms) - 1
        found += [Stay(start, end, room, asleep)] if asleep else _with_breaks(Stay(start, end, room), rng)
    return found


def clock(text: str) -> float:
    """Seconds since midnight of "HH:MM"."""
    hours, minutes = text.split(":")
    return int(hours) * 3600.0 + int(minutes) * MINUTE


def _plan(person: str, kind: DayKind, rng: Random) -> Plan:
    if kind in ("weekend", "holiday"):
        return FREE_DAY + OUTING if rng.random() < 0.6 else FREE_DAY
    if person == "ben":
        return BEN_WORKDAY
    if kind == "sick":
        return FREE_DAY
    return ANNA_WORKDAY


def _moment(at: str, jitter: float, rng: Random) -> float:
    return min(max(clock(at) + rng.gauss(0.0, jitter) * MINUTE, 3600.0), DAY_END - 5 * MINUTE)


def _with_breaks(stay: Stay, rng: Random) -> list[Stay]:
    """A long stay in a room for sitting is broken by short walks: a drink, the bathroom."""
    if stay.room not in ("study", "living_room"):
        return [stay]
    parts: list[Stay] = []
    start = stay.start
    while (leave := start + rng.uniform(45, 130) * MINUTE) + 15 * MINUTE < stay.end:
        back = leave + rng.uniform(1.2, 7.0) * MINUTE
        parts += [Stay(start, leave, stay.room), Stay(leave, back, rng.choice(("kitchen", "kitchen", "bathroom")))]
        start = back
    return [*parts, Stay(start, stay.end, stay.room)]
