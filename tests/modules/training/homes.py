"""A simulated home as a stranger reads it: the two files, and the truth's own descriptions replayed on the history."""

from __future__ import annotations

import csv
import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.writing import SimulatedHome, simulate_home

Habit = dict[str, Any]
PASSING = {"opening": "open", "closing": "closed"}
LATENCY = 3.5
"""Seconds that the slowest device may take."""


class Row(NamedTuple):
    at: datetime
    entity_id: str
    state: str
    origin: str


class Home:
    """What the files say."""

    def __init__(self, home: SimulatedHome) -> None:
        self.files = home
        self.truth: dict[str, Any] = json.loads(home.truth.read_text(encoding="utf-8"))
        with home.history.open(encoding="utf-8", newline="") as stream:
            self.rows = [
                Row(datetime.fromisoformat(row["time_local"]), row["entity_id"], row["state"], row["origin"])
                for row in csv.DictReader(stream)
            ]
        self.lines: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            self.lines[row.entity_id].append(row)
        self._times = {entity: [row.at for row in line] for entity, line in self.lines.items()}

    @property
    def habits(self) -> list[Habit]:
        found: list[Habit] = self.truth["habits"]
        return found

    def state(self, entity_id: str, at: datetime) -> str | None:
        index = bisect_right(self._times.get(entity_id, []), at)
        return self.lines[entity_id][index - 1].state if index else None

    def between(self, entity_id: str, start: datetime, end: datetime) -> list[Row]:
        """The rows with start <= time <= end."""
        times = self._times.get(entity_id, [])
        return self.lines[entity_id][bisect_left(times, start) : bisect_right(times, end)]

    def acts(self, habit: Habit) -> Iterator[Row]:
        """Every row that does what the habit does, by whomever the habit says."""
        origin = "automation" if habit["automated"] else "manual"
        for row in self.lines[habit["entity_id"]]:
            if PASSING.get(row.state, row.state) == habit["state"] and row.origin == origin:
                yield row


def simulated(folder: Path, home_type: str = "couple", **asked: Any) -> Home:
    order = {"seed": 7, "weeks": 12, "home_type": home_type, "first": date(2026, 1, 5), **asked}
    return Home(simulate_home(folder, Order(**order)))


def explains(home: Home, habit: Habit, act: Row) -> bool:
    """Whether the habit's own description says that this act was due."""
    kind, trigger = habit["kind"], habit["trigger"]
    if kind == "time":
        return _by_clock(home, habit, act)
    if kind == "sun":
        state = "above_horizon" if trigger["event"] == "sunrise" else "below_horizon"
        due = timedelta(minutes=trigger["offset_minutes"])
        slack = timedelta(minutes=5 * trigger["jitter_minutes"])
        return any(
            row.state == state and abs(act.at - row.at - due) <= slack
            for row in home.between("sun.sun", act.at - due - slack, act.at - due + slack)
        )
    if kind in ("last_motion", "duration"):
        slack = 60 * 5 * trigger["jitter_minutes"] + LATENCY
        low, high = (trigger["minutes"] * 60 + side * slack for side in (-1, 1))
    else:
        low, high = trigger["delay_seconds"][0], trigger["delay_seconds"][1] + LATENCY
    rows = home.between(trigger["entity_id"], act.at - timedelta(seconds=high), act.at - timedelta(seconds=low))
    return any(_triggers(trigger, row) and _held(home, habit, row.at) for row in rows)


def _by_clock(home: Home, habit: Habit, act: Row) -> bool:
    trigger = habit["trigger"]
    hours, minutes, _ = (int(part) for part in trigger["at"].split(":"))
    weeks = (act.at.date() - date.fromisoformat(habit["first_day"])).days / 7
    usual = 60 * hours + minutes + trigger["drift_minutes_per_week"] * weeks
    away = (60 * act.at.hour + act.at.minute + act.at.second / 60 - usual + 720) % 1440 - 720
    return abs(away) <= 5 * trigger["jitter_minutes"] + 1 and _on(home, habit, act.at.date())


def _on(home: Home, habit: Habit, day: date) -> bool:
    """Who sleeps late at weekends does so on holidays too."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    days: str = habit["days"]
    free = day.weekday() >= 5 or home.truth["days"][day.isoformat()]["kind"] != "workday"
    return {"all": True, "weekday": day.weekday() < 5, "weekend": free}.get(days, names[day.weekday()] == days)


def _triggers(trigger: dict[str, Any], row: Row) -> bool:
    if "state" in trigger:
        return row.state == trigger["state"]
    try:
        value = float(row.state)
    except ValueError:
        return False
    return value > trigger["above"] if "above" in trigger else value < trigger["below"]


def _held(home: Home, habit: Habit, at: datetime) -> bool:
    """The conditions, as Home Assistant would check them."""
    for condition in habit["automation"]["conditions"]:
        if condition["condition"] == "state" and home.state(condition["entity_id"], at) != condition["state"]:
            return False
        if condition["condition"] == "time" and "after" in condition:
            now, before = at.strftime("%H:%M:%S"), condition["before"]
            if now < condition["after"] or (before != "00:00:00" and now >= before):
                return False
    return True
