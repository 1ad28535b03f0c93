"""Eight kinds of home: who lives there, in which rooms, where, and how often life gets in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from modules.training.internal.simulation import place
from modules.training.internal.simulation.calendar import Luck
from modules.training.internal.simulation.devices import AWAY
from modules.training.internal.simulation.people import BED, Person, Plan

_FLAT: Final = ("kitchen", "living_room", "bathroom", "bedroom", "hall")
_HOUSE: Final = (*_FLAT, "laundry", "pantry", "garden")

_FREE: Final[Plan] = (
    ("08:35", "bathroom", 22),
    ("09:00", "kitchen", 10),
    ("10:05", "living_room", 25),
    ("18:15", "kitchen", 25),
    ("19:10", "living_room", 20),
    ("23:10", "bathroom", 25),
    ("23:30", BED, 20),
)
_OFFICE: Final[Plan] = (
    ("06:31", "kitchen", 4),
    ("06:58", "bathroom", 4),
    ("07:18", "bedroom", 4),
    ("07:32", AWAY, 5),
    ("17:45", "kitchen", 16),
    ("18:35", "living_room", 14),
    ("22:15", "bathroom", 20),
    ("22:40", BED, 18),
)
_STUDY: Final[Plan] = (
    ("07:12", "bathroom", 6),
    ("07:36", "kitchen", 5),
    ("08:03", "study", 4),
    ("12:20", "kitchen", 15),
    ("13:00", "study", 12),
    ("17:12", "living_room", 8),
    ("18:05", "kitchen", 14),
    ("18:42", "living_room", 12),
    ("22:45", "bathroom", 18),
    ("23:05", BED, 15),
)
_SCHOOL: Final[Plan] = (
    ("06:55", "bathroom", 4),
    ("07:10", "kitchen", 4),
    ("07:35", AWAY, 4),
    ("14:20", "kitchen", 15),
    ("14:55", "child_room", 12),
    ("18:20", "kitchen", 12),
    ("19:00", "living_room", 12),
    ("20:10", "bathroom", 9),
    ("20:30", BED, 9),
)
_CHILD_FREE: Final[Plan] = (
    ("08:05", "living_room", 20),
    ("09:05", "kitchen", 12),
    ("09:50", "child_room", 20),
    ("18:15", "kitchen", 15),
    ("18:55", "living_room", 15),
    ("20:50", "bathroom", 15),
    ("21:10", BED, 14),
)
_EARLY: Final[Plan] = (
    ("04:35", "bathroom", 4),
    ("04:55", "kitchen", 4),
    ("05:20", AWAY, 4),
    ("14:40", "kitchen", 10),
    ("15:30", "living_room", 15),
    ("20:40", "bathroom", 15),
    ("21:00", BED, 14),
)
_LATE: Final[Plan] = (
    ("00:45", BED, 12),
    ("08:50", "bathroom", 15),
    ("09:20", "kitchen", 12),
    ("10:10", "living_room", 15),
    ("13:10", AWAY, 4),
    ("22:40", "kitchen", 8),
    ("23:10", "living_room", 10),
    ("23:55", "bathroom", 8),
)
_NIGHT: Final[Plan] = (
    ("06:40", "bathroom", 6),
    ("07:05", BED, 8),
    ("14:20", "kitchen", 15),
    ("15:20", "living_room", 15),
    ("20:20", "bathroom", 8),
    ("21:10", AWAY, 4),
)
_AFTER_SHIFT: Final[Plan] = (("01:10", BED, 15), *_FREE)
_RETIRED: Final[Plan] = (
    ("07:02", "bathroom", 7),
    ("07:25", "kitchen", 6),
    ("08:20", "living_room", 12),
    ("10:10", AWAY, 25),
    ("11:50", "kitchen", 15),
    ("13:05", "bedroom", 12),
    ("14:30", "living_room", 12),
    ("18:00", "kitchen", 8),
    ("18:50", "living_room", 8),
    ("22:00", "bathroom", 9),
    ("22:20", BED, 9),
)
_RETIRED_TWO: Final[Plan] = (
    ("07:20", "kitchen", 6),
    ("08:35", "living_room", 9),
    ("11:40", "kitchen", 12),
    ("13:10", "living_room", 12),
    ("17:40", "kitchen", 8),
    ("18:55", "living_room", 8),
    ("22:10", "bathroom", 9),
    ("22:35", BED, 9),
)


@dataclass(frozen=True)
class Household:
    """One kind of home. `restless`: uses of things for no reason, an hour awake and a person."""

    people: tuple[Person, ...]
    rooms: tuple[str, ...]
    place: place.Place
    luck: Luck = field(default_factory=Luck)
    restless: float = 0.45


def _worker(name: str, **more: Plan) -> Person:
    return Person(name, {"work": _OFFICE, "free": _FREE, **more})


def _room(name: str, room: str, leave: str, back: str) -> Person:
    work: Plan = (("07:40", "bathroom", 25), ("08:10", "kitchen", 20), (leave, AWAY, 20), (back, "kitchen", 40))
    evening: Plan = (("19:30", room, 30), ("20:40", "living_room", 40), ("22:40", room, 40), ("23:50", BED, 30))
    free: Plan = (("09:40", "bathroom", 40), ("10:20", "kitchen", 30), ("11:10", room, 40), ("17:40", "kitchen", 50))
    return Person(name, {"work": work + evening, "free": free + evening}, bedroom=room)


_SHIFT: Final = Person(
    "kim",
    {"work": _EARLY, "late": _LATE, "night": _NIGHT, "free": _AFTER_SHIFT},
    rota=("work", "late", "night"),
)
_BEN: Final = Person("ben", {"work": _STUDY, "free": _FREE})
_TWO_DAYS: Final = Person("eva", {"work": _OFFICE, "home": _STUDY, "free": _FREE}, from_home=frozenset({0, 2, 4}))
_RUTH: Final = Person("ruth", {"work": _RETIRED, "free": _RETIRED}, workdays=frozenset(range(7)))
_OTTO: Final = Person("otto", {"work": _RETIRED_TWO, "free": _RETIRED_TWO}, workdays=frozenset(range(7)))
_LEO: Final = Person("leo", {"work": _SCHOOL, "free": _CHILD_FREE}, bedroom="child_room")

HOUSEHOLDS: Final[Mapping[str, Household]] = {
    "single_commuter": Household((_worker("anna"),), _FLAT, place.LONDON),
    "couple": Household((_worker("anna"), _BEN), (*_FLAT, "study"), place.BERLIN),
    "family": Household(
        (_worker("anna"), _BEN, _LEO), (*_HOUSE, "study", "child_room"), place.BOSTON, Luck(weeks_off=0.08)
    ),
    "shift_worker": Household((_SHIFT,), (*_FLAT, "pantry"), place.STOCKHOLM, Luck(guests_a_weekend_day=0.08)),
    "retired_couple": Household((_RUTH, _OTTO), _HOUSE, place.MADRID, Luck(sick_a_day=0.02)),
    "shared_flat": Household(
        (_room("mia", "room_mia", "08:50", "18:10"), _room("jon", "room_jon", "09:40", "17:20")),
        (*_FLAT, "room_mia", "room_jon"),
        place.PUNE,
        Luck(guests_a_weekend_day=0.35),
        restless=0.6,
    ),
    "home_office": Household((_TWO_DAYS, _BEN), (*_FLAT, "study", "garden"), place.SAPPORO),
    "holiday_heavy": Household(
        (_worker("anna"), _worker("tom")), _HOUSE, place.MELBOURNE, Luck(weeks_between_trips=3, nights=(3, 9))
    ),
}
"""By the name of their type."""
