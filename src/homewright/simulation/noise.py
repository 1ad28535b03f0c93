"""All that is no habit: motion chatter, readings, a robot, the house's own automations, outages and whims."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from random import Random

from homewright.simulation.calendar import Day
from homewright.simulation.home import AWAY, HALL, ON_STATES, STILL_SECONDS, WHIMS, motion
from homewright.simulation.people import DAY_END, MINUTE, Stay, clock
from homewright.simulation.world import RESTORED, Intent

READINGS = (
    ("sensor.outdoor_temperature", 3.0, 4.0, 600.0, 0.15),
    ("sensor.living_room_temperature", 20.5, 1.0, 600.0, 0.08),
    ("sensor.bedroom_temperature", 18.0, 0.8, 900.0, 0.08),
    ("sensor.bathroom_humidity", 55.0, 6.0, 480.0, 1.0),
    ("sensor.power_meter", 320.0, 140.0, 240.0, 45.0),
)
"""(entity, mean, daily swing, mean pause in seconds, noise)."""


def moves(stays: list[Stay], rng: Random) -> Iterator[Intent]:
    """What the motion sensors see of one person; every way leads through the hall."""
    for before, stay in zip([None, *stays], stays, strict=False):
        if before is not None and before.room != stay.room:
            yield from _seen(HALL, stay.start - 4.0, rng.uniform(15, 40), "person")
        if stay.room in STILL_SECONDS:
            yield from _stirring(stay, rng)


def _stirring(stay: Stay, rng: Random) -> Iterator[Intent]:
    pause = STILL_SECONDS[stay.room] if stay.room == "bedroom" or not stay.asleep else 3600.0
    second = stay.start + (rng.uniform(0.5, 2.5) if not stay.asleep else rng.expovariate(1 / pause))
    while second < stay.end:
        yield from _seen(stay.room, second, rng.uniform(12, 45), "person")
        second += 50.0 + rng.expovariate(1 / pause)


def _seen(room: str, second: float, seconds: float, cause: str) -> Iterator[Intent]:
    yield Intent(second, motion(room), "on", "unknown", cause)
    yield Intent(second + seconds, motion(room), "off", "unknown", cause)


def whims(stays: list[Stay], rng: Random) -> Iterator[Intent]:
    """Things that somebody who is awake switches for no reason that repeats; some at once switched back."""
    for stay in stays:
        if stay.asleep or stay.room == AWAY:
            continue
        for _ in range(_poisson((stay.end - stay.start) / 3600.0 * 0.55, rng)):
            entity = rng.choice(WHIMS)
            second = rng.uniform(stay.start, stay.end)
            yield Intent(second, entity, ON_STATES.get(entity, "on"), "manual", "whim")
            if rng.random() < 0.15:
                yield Intent(second + rng.uniform(3, 50), entity, "off", "manual", "whim")


def evenings(day: Day, rng: Random) -> Iterator[Intent]:
    """Loose customs, too loose to be a habit: a film, the light in the bedroom, blinds on free mornings."""
    if day.kind == "trip":
        return
    if rng.random() < 0.75:
        film = clock("20:20") + rng.gauss(0, 35) * MINUTE
        yield Intent(film - rng.uniform(10, 60) * MINUTE, "light.living_room_ceiling", "on", "manual", "whim")
        yield Intent(film, "media_player.living_room_tv", "playing", "manual", "person")
    bed = clock("22:50") + rng.gauss(0, 40) * MINUTE
    yield Intent(min(bed, DAY_END - MINUTE), "light.bedroom_bedside", "on", "manual", "whim")
    if day.kind in ("weekend", "holiday"):
        yield Intent(clock("09:40") + rng.gauss(0, 45) * MINUTE, "cover.living_room_blinds", "open", "manual", "whim")


def house(day: Day, rng: Random) -> Iterator[Intent]:
    """What the house does by itself: the sun, the porch light, the robot that wakes the motion sensors, the cat."""
    yield Intent(day.sunrise, "sun.sun", "above_horizon", "unknown", "house")
    yield Intent(day.sunset, "sun.sun", "below_horizon", "unknown", "house")
    yield Intent(day.sunset + rng.uniform(0, 2), "light.porch", "on", "automation", "house")
    yield Intent(clock("23:00") + rng.uniform(0, 2), "light.porch", "off", "automation", "house")
    if day.date.weekday() in (0, 2, 4):
        yield from _robot(clock("10:30") + rng.uniform(0, 3), rng)
    for _ in range(_poisson(3.0, rng)):
        room = rng.choice(("kitchen", "living_room", HALL))
        yield from _seen(room, rng.uniform(0, DAY_END - MINUTE), rng.uniform(5, 30), "cat")


def _robot(start: float, rng: Random) -> Iterator[Intent]:
    yield Intent(start, "vacuum.robot", "cleaning", "automation", "house")
    second = start
    for room in ("living_room", "kitchen", HALL):
        for _ in range(6):
            second += rng.uniform(60, 180)
            yield from _seen(room, second, rng.uniform(10, 30), "robot")
    yield Intent(second + 200, "vacuum.robot", "docked", "automation", "house")


def readings(day: Day, rng: Random) -> Iterator[Intent]:
    """Slow curves with noise, and now and then a sensor that is not there."""
    for entity, mean, swing, pause, spread in READINGS:
        second = rng.expovariate(1 / pause)
        while second < DAY_END:
            wave = -math.cos((second / DAY_END - 0.1) * 2 * math.pi)
            value = mean + swing * wave + rng.gauss(0, spread)
            yield Intent(second, entity, f"{value:.1f}", "unknown", "house")
            second += rng.uniform(0.7, 1.3) * pause
    for entity in (motion("kitchen"), "sensor.bathroom_humidity", "light.kitchen_counter"):
        if rng.random() < 0.06:
            gone = rng.uniform(0, DAY_END - 3600)
            yield Intent(gone, entity, "unavailable", "unknown", "house")
            yield Intent(gone + rng.uniform(20, 1800), entity, RESTORED, "unknown", "house")


def all_of(day: Day, homes: Iterable[list[Stay]], rng: Random) -> Iterator[Intent]:
    """Everything that is no habit, of one day, in no order."""
    for stays in homes:
        yield from moves(stays, rng)
        yield from whims(stays, rng)
    yield from evenings(day, rng)
    yield from house(day, rng)
    yield from readings(day, rng)


def _poisson(mean: float, rng: Random) -> int:
    count, left = 0, rng.expovariate(1.0)
    while left < mean:
        count += 1
        left += rng.expovariate(1.0)
    return count
