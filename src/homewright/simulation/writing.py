"""Writes the simulated past as a CSV file that `homewright import` reads, and beside it what is true of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from homewright.simulation import calendar, habits, home, noise, people
from homewright.simulation.world import Intent, World


@dataclass(frozen=True)
class DemoHome:
    """Where the files are, and what an import has to be told. `end` is exclusive, both are local midnights."""

    history: Path
    truth: Path
    zone: str
    latitude: float
    longitude: float
    start: datetime
    end: datetime
    rows: int


def write_demo_home(folder: Path, seed: int = 7, weeks: int = 12) -> DemoHome:
    """Simulate `weeks` of the home into `history.csv` and `truth.json`; the same seed writes the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    history, truth = folder / "history.csv", folder / "truth.json"
    world = World(Random(f"world {seed}"))
    calendar_days = calendar.days(seed, weeks)
    with history.open("w", encoding="utf-8", newline="") as stream:
        rows = _write_history(stream, world, calendar_days, seed)
    zone = ZoneInfo(home.ZONE)
    start = datetime.combine(home.FIRST_DAY, time(), tzinfo=zone)
    told = _truth(world, calendar_days, seed, weeks)
    truth.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    end = datetime.combine(home.FIRST_DAY + timedelta(weeks=weeks), time(), tzinfo=zone)
    return DemoHome(history, truth, home.ZONE, home.LATITUDE, home.LONGITUDE, start, end, rows)


def _write_history(stream: TextIO, world: World, calendar_days: list[calendar.Day], seed: int) -> int:
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow(("time_local", "entity_id", "state", "origin"))
    count = 0
    for day in calendar_days:
        rng = Random(f"day {seed} {day.date}")
        for change in world.live(day, _intents(day, rng)):
            moment = day.moment(change.second).isoformat(sep=" ", timespec="milliseconds")
            rows.writerow((moment, change.entity_id, change.state, change.origin))
            count += 1
    return count


def _intents(day: calendar.Day, rng: Random) -> Iterator[Intent]:
    homes = [people.stays(person, day, rng) for person in ("anna", "ben")]
    yield from noise.all_of(day, homes, rng)
    for second, habit in habits.planned(day, rng):
        yield Intent(second, habit.entity_id, habit.state, "manual", "person", habit.name)


def _truth(world: World, calendar_days: list[calendar.Day], seed: int, weeks: int) -> dict[str, Any]:
    planted: tuple[habits.Habit, ...] = (*habits.TIMES, *habits.REACTIONS)
    return {
        "seed": seed,
        "weeks": weeks,
        "zone": home.ZONE,
        "habits": [
            {"kind": _kind(habit), **asdict(habit), "happened": world.happened[habit.name]} for habit in planted
        ],
        "days": {day.date.isoformat(): day.kind for day in calendar_days},
    }


def _kind(habit: habits.Habit) -> str:
    return "time" if isinstance(habit, habits.TimeHabit) else "reaction"
