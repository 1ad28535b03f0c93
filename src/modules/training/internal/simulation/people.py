"""People: what each kind of day looks like for them, and where they are because of it, stay by stay.

A plan is a list of marks "time, room, jitter in minutes". A day begins where the day before ended, so that nights, late
returns and night shifts need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from modules.training.internal.simulation.calendar import DAY, Day
from modules.training.internal.simulation.devices import AWAY

MINUTE: Final = 60.0
BED: Final = "bed"
"""Asleep in the own bedroom."""

Mark = tuple[str, str, float]
Plan = tuple[Mark, ...]
LEAVE: Final[Plan] = (("07:50", "bathroom", 20), ("08:20", "kitchen", 15), ("10:10", AWAY, 40))
RETURN: Final[Plan] = (("18:10", "kitchen", 60), ("19:20", "living_room", 20), ("22:40", BED, 25))


@dataclass(frozen=True)
class Person:
    """`plans` by name: "work" and "free" at least; "sick" may be left out (then "free").

    `rota`: plans of working weeks, taken in turn. `workdays`: weekdays on which the person works; `from_home`: those of
    them spent on plan "home".
    """

    name: str
    plans: Mapping[str, Plan]
    rota: tuple[str, ...] = ("work",)
    workdays: frozenset[int] = frozenset(range(5))
    from_home: frozenset[int] = frozenset()
    bedroom: str = "bedroom"

    @property
    def regular(self) -> bool:
        """Whether working days look alike."""
        return self.rota == ("work",) and len(self.workdays) > 3

    def plan(self, day: Day) -> Plan:
        """What this person does on that day."""
        if day.kind in ("departure", "trip", "return"):
            return {"departure": LEAVE, "trip": ((("00:00", AWAY, 0.0)),), "return": RETURN}[day.kind]
        if day.kind == "holiday" or day.date.weekday() not in self.workdays:
            return self.plans["free"]
        if self.name in day.sick:
            return self.plans.get("sick", self.plans["free"])
        if day.date.weekday() in self.from_home:
            return self.plans["home"]
        return self.plans[self.rota[day.index // 7 % len(self.rota)]]

    def mark(self, room: str, plan: str = "work", *, last: bool = False) -> float | None:
        """The second of the day at which the plan first (or last) sends the person to a room."""
        times = [clock(at) for at, where, _ in self.plans.get(plan, ()) if where == room]
        return None if not times else times[-1] if last else times[0]

    @property
    def wakes(self) -> float:
        """Seconds after midnight, on working days."""
        return min(clock(at) for at, room, _ in self.plans["work"] if room != BED)


@dataclass(frozen=True)
class Stay:
    """Somebody is in a room from `start` to `end`, seconds since the first midnight."""

    person: str
    start: float
    end: float
    room: str
    asleep: bool = False


@dataclass
class _Life:
    person: Person
    rng: Random
    marks: list[tuple[float, str]] = field(default_factory=lambda: [(0.0, BED)])

    def live(self, days: Sequence[Day]) -> None:
        for day in days:
            told = [(self._moment(day, at, jitter), room) for at, room, jitter in self.person.plan(day)]
            if day.kind in ("weekend", "holiday") and self.rng.random() < 0.55:
                told = [*_without(told, day.start + clock("11:15"), day.start + clock("15:45")), *self._outing(day)]
            self.marks += [mark for mark in sorted(told) if mark[0] > self.marks[-1][0]]

    def _moment(self, day: Day, at: str, jitter: float) -> float:
        late = 50.0 * MINUTE if day.guests and clock(at) > clock("21:00") else 0.0
        return day.start + clock(at) + late + self.rng.gauss(0.0, jitter) * MINUTE

    def _outing(self, day: Day) -> Iterator[tuple[float, str]]:
        yield day.start + clock("11:40") + self.rng.gauss(0, 40) * MINUTE, AWAY
        yield day.start + clock("15:20") + self.rng.gauss(0, 45) * MINUTE, "living_room"


def stays(person: Person, days: Sequence[Day], rng: Random) -> list[Stay]:
    """Where the person is, from the first midnight to the last, without a gap."""
    life = _Life(person, rng)
    life.live(days)
    ends = [*(start for start, _ in life.marks[1:]), len(days) * DAY]
    found: list[Stay] = []
    for (start, room), end in zip(life.marks, ends, strict=True):
        if room == BED:
            found.append(Stay(person.name, start, end, person.bedroom, asleep=True))
        else:
            found += _with_breaks(Stay(person.name, start, end, room), rng)
    return found


def clock(text: str) -> float:
    """Seconds since midnight of "HH:MM"."""
    hours, minutes = text.split(":")
    return int(hours) * 3600.0 + int(minutes) * MINUTE


def _without(marks: list[tuple[float, str]], start: float, end: float) -> list[tuple[float, str]]:
    return [mark for mark in marks if not start < mark[0] < end]


def _with_breaks(stay: Stay, rng: Random) -> list[Stay]:
    """A long stay in a room for sitting is broken by short walks: a drink, the bathroom."""
    if stay.room in (AWAY, "kitchen", "bathroom"):
        return [stay]
    parts: list[Stay] = []
    start = stay.start
    while (leave := start + rng.uniform(60, 170) * MINUTE) + 15 * MINUTE < stay.end:
        back = leave + rng.uniform(1.2, 7.0) * MINUTE
        walk = rng.choice(("kitchen", "kitchen", "bathroom"))
        parts += [Stay(stay.person, start, leave, stay.room), Stay(stay.person, leave, back, walk)]
        start = back
    return [*parts, Stay(stay.person, start, stay.end, stay.room)]
