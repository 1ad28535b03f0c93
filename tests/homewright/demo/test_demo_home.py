"""The simulated home: what the demo may rely on."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from homewright.simulation import DemoHome, write_demo_home

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> DemoHome:
    return write_demo_home(tmp_path_factory.mktemp("home"), seed=7, weeks=12)


@pytest.fixture(scope="module")
def rows(home: DemoHome) -> Rows:
    with home.history.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def truth(home: DemoHome) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(home.truth.read_text(encoding="utf-8"))
    return told


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second, other = (
        write_demo_home(tmp_path / name, seed=seed, weeks=2) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.history.read_bytes() == second.history.read_bytes()
    assert first.history.read_bytes() != other.history.read_bytes()


def test_the_rows_are_in_the_order_of_their_times_and_within_the_weeks(home: DemoHome, rows: Rows) -> None:
    times = [datetime.fromisoformat(row["time_local"]) for row in rows]
    assert all(before <= after for before, after in pairwise(times))
    assert home.start.replace(tzinfo=None) <= times[0]
    assert times[-1] < home.end.replace(tzinfo=None)
    assert len(rows) == home.rows > 50_000


def test_every_row_is_a_change(rows: Rows) -> None:
    last: dict[str, str] = {}
    for row in rows:
        assert last.get(row["entity_id"]) != row["state"], row
        last[row["entity_id"]] = row["state"]


def test_the_hour_that_the_clock_leaves_out_in_spring_holds_no_row(rows: Rows) -> None:
    on_the_day = [row["time_local"][11:13] for row in rows if row["time_local"].startswith("2026-03-29")]
    assert "02" not in on_the_day
    assert {"01", "03"} <= set(on_the_day)


def test_every_planted_habit_really_happened_again_and_again(truth: dict[str, Any]) -> None:
    weekdays = {"all": 7, "weekday": 5, "weekend": 2}
    for habit in truth["habits"]:
        possible = weekdays[habit["day_type"]] * 12 if habit["kind"] == "time" else 40
        assert habit["happened"] >= 0.7 * possible, habit


def test_a_time_habit_is_seen_near_its_time_on_most_of_its_days(rows: Rows, truth: dict[str, Any]) -> None:
    seen: dict[tuple[str, str], dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["origin"] == "manual":
            moment = datetime.fromisoformat(row["time_local"])
            seen[row["entity_id"], row["state"]][moment.date().isoformat()].append(moment)
    for habit in (habit for habit in truth["habits"] if habit["kind"] == "time"):
        at = datetime.strptime(habit["at"], "%H:%M")
        near = [
            day
            for day, moments in seen[habit["entity_id"], habit["state"]].items()
            if any(abs(60 * (m.hour - at.hour) + m.minute - at.minute) <= 25 for m in moments)
        ]
        assert len(near) >= 0.8 * habit["happened"], habit["name"]


def test_most_of_the_log_is_noise_and_nobody_acts_on_a_trip(rows: Rows, truth: dict[str, Any]) -> None:
    planted = {habit["entity_id"] for habit in truth["habits"]}
    assert sum(row["entity_id"] not in planted for row in rows) > 0.8 * len(rows)
    trips = [day for day, kind in truth["days"].items() if kind == "trip"]
    assert len(trips) == 8
    away = {
        day for before, day in pairwise(sorted(trips)) if before[:8] == day[:8] and int(day[8:]) - int(before[8:]) == 1
    }
    fingers = [row for row in rows if row["origin"] == "manual" and row["time_local"][:10] in away]
    assert not [row for row in fingers if row["state"] != "off"], "somebody switched something on while all were away"


def test_the_house_itself_acts_and_sensors_fail_now_and_then(rows: Rows) -> None:
    assert {row["origin"] for row in rows} == {"manual", "automation", "unknown"}
    assert any(row["state"] == "unavailable" for row in rows)
