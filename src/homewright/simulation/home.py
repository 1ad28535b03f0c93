"""The home itself: where it stands and what is in it. Entity ids as Home Assistant would give them."""

from __future__ import annotations

from datetime import date
from typing import Final

ZONE: Final = "Europe/Berlin"
LATITUDE: Final = 52.52
LONGITUDE: Final = 13.41
FIRST_DAY: Final = date(2026, 1, 5)
"""A Monday in winter, so that mornings and evenings are dark."""

AWAY: Final = "away"
HALL: Final = "hall"
HALL_MOTION: Final = "binary_sensor.hall_motion"

STILL_SECONDS: Final = {"kitchen": 120.0, "bathroom": 100.0, "living_room": 260.0, "study": 420.0, "bedroom": 2400.0}
"""Rooms with a motion sensor, and the mean pause between two sightings of somebody who stays there."""

LINGER_MINUTES: Final = {
    "light.hall": (4.0, 14.0),
    "light.kitchen_ceiling": (20.0, 75.0),
    "light.kitchen_counter": (10.0, 50.0),
    "light.living_room_ceiling": (15.0, 120.0),
    "light.living_room_lamp": (190.0, 290.0),
    "light.bathroom_mirror": (9.0, 24.0),
    "light.bedroom_bedside": (8.0, 60.0),
    "light.bedroom_ceiling": (5.0, 40.0),
    "fan.bathroom": (7.0, 22.0),
    "switch.coffee_machine": (25.0, 80.0),
    "switch.study_monitor": (60.0, 200.0),
    "media_player.living_room_tv": (50.0, 170.0),
}
"""After how long somebody switches a thing off again."""

WHIMS: Final = (
    "light.kitchen_counter",
    "light.living_room_ceiling",
    "light.bedroom_bedside",
    "light.bedroom_ceiling",
    "light.kitchen_ceiling",
    "switch.study_monitor",
    "fan.bathroom",
    "light.hall",
)
"""Things that are also used at no particular time."""

ON_STATES: Final = {"media_player.living_room_tv": "playing"}
"""What "on" is called, where it is not "on"."""

FIRST_STATES: Final = {"cover.living_room_blinds": "open", "vacuum.robot": "docked", "sun.sun": "below_horizon"}
"""What things are before the first day, where it is not "off"."""


def motion(room: str) -> str:
    """The motion sensor of a room."""
    return f"binary_sensor.{room}_motion"
