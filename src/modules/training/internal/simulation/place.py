"""Where homes stand, and what the sun does there. Seasons, darkness and daylight follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import cos, pi
from typing import Final

from astral import Observer
from astral.sun import sunrise, sunset


@dataclass(frozen=True)
class Place:
    """An IANA zone and degrees north and east."""

    zone: str
    latitude: float
    longitude: float

    def sun(self, day: date) -> tuple[float, float]:
        """Sunrise and sunset, in seconds of the wall clock since midnight."""
        observer = Observer(latitude=self.latitude, longitude=self.longitude)
        rise, fall = (event(observer, day, tzinfo=self.zone) for event in (sunrise, sunset))
        return rise.hour * 3600.0 + rise.minute * 60 + rise.second, fall.hour * 3600.0 + fall.minute * 60 + fall.second

    def warmth(self, day: date) -> float:
        """The season: -1 in the depth of winter, 1 in the height of summer."""
        wave = -cos(2 * pi * (day.timetuple().tm_yday - 20) / 365.25)
        return wave if self.latitude >= 0 else -wave


BERLIN: Final = Place("Europe/Berlin", 52.52, 13.41)
LONDON: Final = Place("Europe/London", 51.51, -0.13)
MADRID: Final = Place("Europe/Madrid", 40.42, -3.70)
STOCKHOLM: Final = Place("Europe/Stockholm", 59.33, 18.07)
BOSTON: Final = Place("America/New_York", 42.36, -71.06)
MELBOURNE: Final = Place("Australia/Melbourne", -37.81, 144.96)
PUNE: Final = Place("Asia/Kolkata", 18.52, 73.86)
SAPPORO: Final = Place("Asia/Tokyo", 43.06, 141.35)
