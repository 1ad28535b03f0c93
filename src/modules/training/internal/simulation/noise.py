"""All that is no habit: what motion sensors see, whims, loose customs, a cat, a robot, the house's own automations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from modules.training.internal.simulation.calendar import DAY, Day
from modules.training.internal.simulation.devices import (
    AWAY,
    HALL,
    PORCH_LIGHT,
    ROBOT,
    STILL_SECONDS,
    SUN,
    WASHING_POWER,
    Device,
    motion,
)
from modules.training.internal.simulation.living import MOVE
from modules.training.internal.simulation.people import MINUTE, Stay, clock
from modules.training.internal.simulation.world import AUTOMATION, MANUAL, UNKNOWN, Intent

_PETS: Final = ("kitchen", "living_room", HALL)
_CLUSTERS: Final = 0.03


def moves(stays: Sequence[Stay], pantry: bool, rng: Random) -> Iterator[Intent]:
    """Where one person goes, and what the motion sensors see of it; every way leads through the hall."""
    before: Stay | None = None
    for stay in stays:
        told = f"{stay.person} {stay.room} {'asleep' if stay.asleep else 'awake'}"
        yield Intent(max(stay.start, 0.0), MOVE, told, UNKNOWN, "person")
        if before is not None and before.room != stay.room:
            yield _seen(HALL, stay.start - 4.0, rng.uniform(15, 40), "person")
            if pantry and stay.room == "kitchen" and rng.random() < 0.3:
                yield _seen("pantry", stay.start + rng.uniform(20, 300), rng.uniform(20, 60), "person")
        if stay.room in STILL_SECONDS:
            yield from _stirring(stay, rng)
        before = stay


def _stirring(stay: Stay, rng: Random) -> Iterator[Intent]:
    pause = 3600.0 * 2 if stay.asleep else STILL_SECONDS[stay.room]
    second = stay.start + (rng.expovariate(1 / pause) if stay.asleep else rng.uniform(0.5, 2.5))
    while second < stay.end:
        yield _seen(stay.room, second, rng.uniform(12, 45), "person")
        if rng.random() < _CLUSTERS:
            yield _seen(stay.room, second + rng.uniform(46, 50), 1.0, "chatter")
        second += 50.0 + rng.expovariate(1 / pause)


def _seen(room: str, second: float, seconds: float, cause: str) -> Intent:
    return Intent(second, motion(room), "on", UNKNOWN, cause, seconds)


def whims(
    stays: Sequence[Stay], devices: Mapping[str, Device], rate: float, days: Sequence[Day], rng: Random
) -> Iterator[Intent]:
    """Things that somebody who is awake uses for no reason that repeats; some are at once switched back."""
    loved = [device for device in devices.values() if device.whim]
    weights = [device.whim for device in loved]
    for stay in stays:
        if stay.asleep or stay.room == AWAY:
            continue
        guests = 1.6 if days[min(int(stay.start // DAY), len(days) - 1)].guests else 1.0
        for _ in range(poisson((stay.end - stay.start) / 3600.0 * rate * guests, rng)):
            device = rng.choices(loved, weights)[0]
            second = rng.uniform(stay.start, stay.end)
            yield Intent(second, device.entity_id, device.on, MANUAL, "person")
            if rng.random() < 0.15:
                yield Intent(second + rng.uniform(3, 50), device.entity_id, device.off, MANUAL, "whim")


def customs(day: Day, devices: Mapping[str, Device], rng: Random) -> Iterator[Intent]:
    """Loose customs, too loose to be a habit of the clock: a film, light at bedtime, blinds and coffee some time."""
    customary = (
        ("media_player.living_room_tv", "20:25", 35, 0.75),
        ("light.bathroom_mirror", "07:40", 50, 0.6),
        ("light.bedroom_ceiling", "22:25", 30, 0.8),
        ("light.bedroom_bedside", "22:55", 30, 0.7),
        ("cover.living_room_blinds", "09:45", 55, 0.6),
        ("media_player.kitchen_radio", "11:10", 50, 0.5),
        ("switch.coffee_machine", "14:40", 70, 0.6),
        ("fan.kitchen_hood", "18:20", 30, 0.7),
        ("light.kitchen_counter", "18:40", 45, 0.8),
        ("light.child_room", "17:20", 50, 0.7),
        ("light.room_mia", "20:30", 70, 0.7),
        ("light.room_jon", "20:50", 70, 0.7),
    )
    for entity, at, minutes, share in customary:
        if entity in devices and rng.random() < share:
            second = day.start + clock(at) + rng.gauss(0, minutes) * MINUTE
            if entity == "media_player.living_room_tv" and rng.random() < 0.7:
                lit = second - rng.uniform(10, 60) * MINUTE
                yield Intent(lit, "light.living_room_ceiling", "on", MANUAL, "person")
            yield Intent(second, entity, devices[entity].on, MANUAL, "person")
    for entity in ("cover.living_room_blinds", "cover.bedroom_blinds"):
        if entity in devices:
            night = day.start + clock("22:40") + rng.gauss(0, 50) * MINUTE
            yield Intent(night, entity, "closed", MANUAL, "person")


def house(day: Day, rooms: Sequence[str], rng: Random) -> Iterator[Intent]:
    """What the house does by itself: the sun, the porch light, the robot, the cat, the washing."""
    for second, state in ((day.sunrise, "above_horizon"), (day.sunset, "below_horizon")):
        yield Intent(day.start + second, SUN, state, UNKNOWN, "house")
    yield Intent(day.start + day.sunset, PORCH_LIGHT, "on", AUTOMATION, "house")
    yield Intent(day.start + clock("23:00"), PORCH_LIGHT, "off", AUTOMATION, "house")
    if day.date.weekday() in (0, 2, 4):
        yield from _robot(day.start + clock("10:30") + rng.uniform(0, 3), rng)
    for _ in range(poisson(3.0, rng)):
        yield _seen(rng.choice(_PETS), day.start + rng.uniform(0, DAY), rng.uniform(5, 30), "cat")
    if "laundry" in rooms and rng.random() < (0.6 if day.weekend else 0.35):
        yield from _washing(day.start + clock("11:00") + rng.gauss(0, 120) * MINUTE, rng)


def _robot(start: float, rng: Random) -> Iterator[Intent]:
    yield Intent(start, ROBOT, "cleaning", AUTOMATION, "house")
    second = start
    for room in _PETS:
        for _ in range(6):
            second += rng.uniform(60, 180)
            yield _seen(room, second, rng.uniform(10, 30), "robot")
    yield Intent(second + 200, ROBOT, "returning", UNKNOWN, "house")
    yield Intent(second + 290, ROBOT, "docked", UNKNOWN, "house")


def _washing(start: float, rng: Random) -> Iterator[Intent]:
    """The plug on, ninety minutes of changing power, then the hum of a machine that is done."""
    yield Intent(start, "switch.washing_machine", "on", MANUAL, "person")
    end = start + rng.uniform(70, 110) * MINUTE
    second = start + 40.0
    while second < end:
        heating = second < start + 25 * MINUTE
        watts = rng.gauss(1900, 60) if heating else rng.uniform(60, 420)
        yield Intent(second, WASHING_POWER, f"{max(watts, 45):.1f}", UNKNOWN, "house")
        second += rng.uniform(40, 140)
    yield Intent(end, WASHING_POWER, f"{rng.uniform(1.5, 3.5):.1f}", UNKNOWN, "house")
    yield Intent(end + rng.uniform(3, 9) * 3600, "switch.washing_machine", "off", MANUAL, "linger")


def poisson(mean: float, rng: Random) -> int:
    count, left = 0, rng.expovariate(1.0)
    while left < mean:
        count += 1
        left += rng.expovariate(1.0)
    return count
