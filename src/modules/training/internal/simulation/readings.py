"""Numbers: slow curves of the season and the day, clouds, showers, and the noise of cheap sensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, exp, pi, sin
from random import Random
from typing import Final, NamedTuple

from modules.training.internal.simulation.calendar import DAY, Day
from modules.training.internal.simulation.devices import DAYLIGHT, HUMIDITY, POWER
from modules.training.internal.simulation.people import MINUTE, Stay
from modules.training.internal.simulation.world import UNKNOWN, Intent


class Curve(NamedTuple):
    """A reading that swings over the day and the year."""

    entity_id: str
    mean: float
    swing: float
    season: float
    pause: float
    spread: float


CURVES: Final = (
    Curve("sensor.outdoor_temperature", 10.0, 4.0, 9.0, 900.0, 0.15),
    Curve("sensor.living_room_temperature", 21.0, 0.8, 1.5, 1100.0, 0.08),
    Curve("sensor.bedroom_temperature", 18.5, 0.7, 2.5, 1100.0, 0.08),
    Curve(POWER, 310.0, 140.0, -40.0, 420.0, 45.0),
)


def readings(day: Day, warmth: float, showers: Sequence[float], rng: Random) -> Iterator[Intent]:
    """All numbers of one day, in no order."""
    for curve in CURVES:
        weather = rng.gauss(0, 0.25)
        for second in _ticks(0.0, DAY, curve.pause, rng):
            wave = -cos((second / DAY - 0.1) * 2 * pi)
            value = curve.mean + curve.season * (warmth + weather) + curve.swing * wave + rng.gauss(0, curve.spread)
            yield _told(day, second, curve.entity_id, value)
    yield from _daylight(day, rng)
    yield from _damp(day, showers, rng)


def showers(stays: Sequence[Stay], rng: Random) -> list[float]:
    """When somebody showers: often in the first stay of a day in the bathroom."""
    last, found = -1, []
    for stay in stays:
        day = int(stay.start // DAY)
        if stay.room == "bathroom" and not stay.asleep and day != last and stay.end - stay.start > 8 * MINUTE:
            last = day
            if rng.random() < 0.75:
                found.append(stay.start + rng.uniform(60, 150))
    return found


def _daylight(day: Day, rng: Random) -> Iterator[Intent]:
    """Lux in the living room: the height of the sun, the clouds of the day, and flicker."""
    clouds, span = rng.uniform(0.35, 1.0), day.sunset - day.sunrise
    for second in _ticks(day.sunrise - 900.0, day.sunset + 1800.0, 330.0, rng):
        high = sin(pi * min(max((second - day.sunrise) / span, 0.0), 1.0))
        yield _told(day, second, DAYLIGHT, max(520.0 * clouds * high**1.2 * rng.gauss(1.0, 0.04), 0.0))


def _damp(day: Day, hot: Sequence[float], rng: Random) -> Iterator[Intent]:
    """Humidity in the bathroom: a shower's steam rises in minutes and goes in half an hour."""
    steam = [(start, rng.uniform(20, 34)) for start in hot]
    ticks = list(_ticks(0.0, DAY, 720.0, rng))
    for start, _ in steam:
        ticks += list(_ticks(start - day.start, start - day.start + 4500.0, 110.0, rng))
    for second in ticks:
        value = 51.0 + 3.0 * sin(2 * pi * second / DAY) + rng.gauss(0, 0.7)
        yield _told(
            day, second, HUMIDITY, min(value + sum(_steam(day.start + second - at, top) for at, top in steam), 99)
        )


def _steam(since: float, top: float) -> float:
    if since < 0:
        return 0.0
    return top * min(since / 360.0, 1.0) * exp(-max(since - 600.0, 0.0) / 1500.0)


def _ticks(start: float, end: float, pause: float, rng: Random) -> Iterator[float]:
    second = start + rng.uniform(0, pause)
    while second < end:
        yield second
        second += rng.uniform(0.7, 1.3) * pause


def _told(day: Day, second: float, entity_id: str, value: float) -> Intent:
    return Intent(day.start + second, entity_id, f"{value:.1f}", UNKNOWN, "house")
