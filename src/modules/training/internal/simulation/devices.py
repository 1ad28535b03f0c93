"""What is in a room: things that people operate, and what watches them. Entity ids as Home Assistant gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

Minutes = tuple[float, float]


@dataclass(frozen=True)
class Device:
    """Something that people operate.

    `linger`: after how many minutes somebody switches it off again, where that is left to chance. `whim`: how often it
    is used for no reason that repeats, relative to others. `latency`: seconds from the hand to the new state. `travel`:
    seconds of passing states (a cover). `first`: what it is before the first day.
    """

    entity_id: str
    linger: Minutes | None = None
    whim: float = 0.0
    latency: tuple[float, float] = (0.05, 0.6)
    on: str = "on"
    off: str = "off"
    travel: float = 0.0
    first: str = "off"


def _light(name: str, linger: Minutes | None, whim: float = 1.0) -> Device:
    return Device(f"light.{name}", linger, whim)


def _plug(name: str, linger: Minutes | None, whim: float = 0.0) -> Device:
    return Device(f"switch.{name}", linger, whim, latency=(0.1, 1.2))


def _cover(name: str, seconds: float) -> Device:
    return Device(f"cover.{name}", None, 0.0, (0.4, 2.5), "open", "closed", seconds, "open")


def _player(name: str, linger: Minutes) -> Device:
    return Device(f"media_player.{name}", linger, 0.0, (0.5, 3.0), "playing", "off")


DEVICES: Final[Mapping[str, tuple[Device, ...]]] = {
    "kitchen": (
        _light("kitchen_ceiling", (20, 75), 0.8),
        _light("kitchen_counter", (10, 50)),
        _plug("coffee_machine", (25, 80)),
        Device("fan.kitchen_hood", (12, 40), 0.6, (0.2, 1.0)),
        _player("kitchen_radio", (25, 90)),
    ),
    "living_room": (
        _light("living_room_ceiling", (15, 120)),
        _light("living_room_lamp", (190, 290), 0.0),
        _light("living_room_shelf", (40, 150), 0.3),
        _player("living_room_tv", (50, 170)),
        _cover("living_room_blinds", 19.0),
    ),
    "bathroom": (_light("bathroom_mirror", (14, 35), 0.4), Device("fan.bathroom", (7, 22), 0.4, (0.2, 1.0))),
    "bedroom": (
        _light("bedroom_bedside", (8, 60)),
        _light("bedroom_ceiling", (5, 40)),
        _cover("bedroom_blinds", 14.0),
        Device("fan.bedroom", (60, 200), 0.2, (0.2, 1.0)),
    ),
    "hall": (_light("hall", (4, 14), 0.6),),
    "study": (_light("study_desk", (60, 200), 0.2), _plug("study_monitor", (60, 200), 0.8)),
    "child_room": (_light("child_room", (20, 90)), _light("child_night_light", (60, 240), 0.2)),
    "room_mia": (_light("room_mia", (20, 120)), _plug("room_mia_speaker", (30, 120), 0.6)),
    "room_jon": (_light("room_jon", (20, 120)), _light("room_jon_desk", (30, 120), 0.5)),
    "laundry": (_light("laundry", (3, 12), 0.3), _plug("washing_machine", None)),
    "pantry": (),
    "garden": (_light("garden", (30, 150), 0.3),),
}
"""What people operate, room by room."""

STILL_SECONDS: Final[Mapping[str, float]] = {
    "kitchen": 120.0,
    "bathroom": 100.0,
    "living_room": 260.0,
    "study": 420.0,
    "bedroom": 900.0,
    "child_room": 400.0,
    "room_mia": 420.0,
    "room_jon": 420.0,
    "laundry": 90.0,
}
"""Rooms with a motion sensor, and the mean pause between two sightings of somebody who stays there."""

HALL: Final = "hall"
AWAY: Final = "away"
FRONT_DOOR: Final = "binary_sensor.front_door"
PANTRY_LIGHT: Final = "light.pantry"
PORCH_LIGHT: Final = "light.porch"
ROBOT: Final = "vacuum.robot"
SUN: Final = "sun.sun"

HUMIDITY: Final = "sensor.bathroom_humidity"
DAYLIGHT: Final = "sensor.living_room_illuminance"
WASHING_POWER: Final = "sensor.washing_machine_power"
POWER: Final = "sensor.power_meter"


def motion(room: str) -> str:
    """The motion sensor of a room."""
    return f"binary_sensor.{room}_motion"


def person(name: str) -> str:
    return f"person.{name}"


def of_rooms(rooms: Iterable[str]) -> dict[str, Device]:
    """The things that people operate in these rooms, and those that the house alone operates, by entity id."""
    found = [device for room in rooms for device in DEVICES[room]]
    found += [Device(PORCH_LIGHT), Device(PANTRY_LIGHT)]
    return {device.entity_id: device for device in found}
