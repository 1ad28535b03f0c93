"""The history of a simulated home: seeded, in order, and as bad as real ones."""

from __future__ import annotations

import lzma
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from modules.training.internal.simulation.calendar import Luck, calendar, skipped
from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.households import HOUSEHOLDS
from modules.training.internal.simulation.living import Living
from modules.training.internal.simulation.place import BERLIN
from modules.training.internal.simulation.world import Intent, World
from modules.training.internal.simulation.writing import simulate_home
from modules.training.types import HomeType

from .homes import Home, Row, simulated


def test_the_same_seed_writes_the_same_bytes_and_another_seed_another_home(tmp_path: Path) -> None:
    first, second, other = (
        simulate_home(tmp_path / name, Order(seed, 2, "family")) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.history.read_bytes() == second.history.read_bytes()
    assert first.truth.read_bytes() == second.truth.read_bytes()
    assert first.history.read_bytes() != other.history.read_bytes()


def test_a_packed_history_holds_the_same(tmp_path: Path) -> None:
    order = Order(1, 1, "couple")
    plain, packed = simulate_home(tmp_path / "a", order), simulate_home(tmp_path / "b", order, packed=True)
    assert packed.history.name == "history.csv.xz"
    assert lzma.decompress(packed.history.read_bytes()) == plain.history.read_bytes()


@pytest.mark.parametrize("home_type", list(HOUSEHOLDS))
@pytest.mark.parametrize("null", [False, True])
def test_every_type_lives_two_weeks(tmp_path: Path, home_type: str, null: bool) -> None:
    home = simulated(tmp_path, home_type, seed=3, weeks=2, null=null, first=None)
    assert len(home.rows) == home.files.rows > 5_000
    assert bool(home.habits) is not null
    assert len(home.truth["days"]) == 14
    moments = [row.at for row in home.rows]
    assert all(before <= after for before, after in pairwise(moments))
    assert home.files.start.replace(tzinfo=None) <= moments[0]
    assert moments[-1] < home.files.end.replace(tzinfo=None)
    for line in home.lines.values():
        assert all(before.state != after.state for before, after in pairwise(line))


def test_the_facade_names_just_the_types_that_there_are() -> None:
    assert get_args(HomeType) == tuple(HOUSEHOLDS)


def test_the_hour_that_the_clock_leaves_out_in_spring_holds_no_row(home: Home) -> None:
    that_day = [row.at.hour for row in home.rows if row.at.date() == date(2026, 3, 29)]
    assert 2 not in that_day
    assert {1, 3} <= set(that_day)
    assert skipped("Europe/Berlin", date(2026, 1, 5), 84) == ((83 * 86_400.0 + 7_200, 83 * 86_400.0 + 10_800),)
    assert skipped("Asia/Kolkata", date(2026, 1, 5), 365) == ()


def test_what_is_due_in_the_hour_that_was_left_out_comes_after_it() -> None:
    days = calendar(BERLIN, Luck(), (), date(2026, 3, 23), 1, Random(1))
    gap = (6 * 86_400.0 + 7_200, 6 * 86_400.0 + 10_800)
    world = World(days, {}, (gap,), Random(1), Living(()), {}, {})
    world.push([Intent(gap[0] - 10, "binary_sensor.hall_motion", "on", "unknown", "person", 40.0)])
    world.live(7 * 86_400.0)
    assert [(change.second, change.state) for change in world.changes] == [(gap[0] - 10, "on"), (gap[1] + 30, "off")]


def test_only_hands_and_automations_have_an_origin(home: Home) -> None:
    origins = {kind: Counter(row.origin for row in home.rows if row.entity_id.startswith(kind)) for kind in KINDS}
    assert set(origins["binary_sensor"]) == set(origins["sensor"]) == set(origins["person"]) == {"unknown"}
    assert origins["light"]["manual"] > 1_000
    porch = [after.origin for before, after in pairwise(home.lines["light.porch"]) if _there(before, after)]
    assert len(porch) > 100
    assert set(porch) == {"automation"}
    assert {"manual", "automation", "unknown"} == set(origins["cover"])
    assert not [row for row in home.rows if row.state == "unavailable" and row.origin != "unknown"]


KINDS = ("binary_sensor", "sensor", "person", "light", "cover")


def test_a_cover_passes_through_opening_and_closing(home: Home) -> None:
    line = [row for row in home.lines["cover.living_room_blinds"] if row.state != "unavailable"]
    begun = [(one, two) for one, two in pairwise(line) if one.state in ("opening", "closing")]
    assert len(begun) > 50
    ended = [two.at - one.at for one, two in begun if (one.state, two.state) in ENDS]
    assert len(ended) >= 0.9 * len(begun)
    assert {duration.total_seconds() for duration in ended} == {19.0}


ENDS = {("opening", "open"), ("closing", "closed")}


def test_things_drop_out_and_come_back(home: Home) -> None:
    for line in home.lines.values():
        assert all(after.origin == "unknown" for before, after in pairwise(line) if before.state == "unavailable")
    gone = Counter(row.entity_id for row in home.rows if row.state == "unavailable")
    assert len(gone) > 0.9 * len(home.lines)
    assert max(gone.values()) > 40, "nothing flaps"


def test_a_restart_takes_everything_away_and_back(home: Home) -> None:
    gone = [row for row in home.rows if row.state == "unavailable"]
    together = [
        {two.entity_id for two in gone[at : at + 200] if two.at - one.at < timedelta(seconds=5)}
        for at, one in enumerate(gone)
    ]
    assert max(len(entities) for entities in together) > 0.9 * len(home.lines)


def test_motion_and_contacts_chatter(home: Home) -> None:
    door = home.lines["binary_sensor.front_door"]
    assert any(after.at - before.at < timedelta(seconds=1) for before, after in pairwise(door))
    motion = home.lines["binary_sensor.kitchen_motion"]
    back = [after.at - before.at for before, after in pairwise(motion) if after.state == "on"]
    assert sum(pause < timedelta(seconds=15) for pause in back) > 50


def test_numbers_follow_the_season_and_the_day(tmp_path: Path, home: Home) -> None:
    summer = simulated(tmp_path, weeks=4, first=date(2026, 6, 29))
    cold, warm = (_mean(one, "sensor.outdoor_temperature") for one in (home, summer))
    assert warm > cold + 10
    night = [row.state for row in home.lines["sensor.living_room_illuminance"] if row.at.hour in (23, 0, 1)]
    assert set(night) <= {"0.0", "unavailable", "unknown"}
    assert max(_numbers(home, "sensor.bathroom_humidity")) > 70


def test_nobody_acts_while_everybody_is_away(home: Home) -> None:
    trip = [day for day, told in home.truth["days"].items() if told["kind"] == "trip"]
    assert len(trip) >= 2
    assert not [row for row in home.rows if row.origin == "manual" and row.at.date().isoformat() in trip]
    assert [row for row in home.rows if row.origin == "automation" and row.at.date().isoformat() in trip]


def test_life_gets_in_the_way(tmp_path: Path) -> None:
    days = simulated(tmp_path, "holiday_heavy", weeks=26).truth["days"].values()
    kinds = Counter(day["kind"] for day in days)
    assert set(kinds) == {"workday", "weekend", "holiday", "departure", "trip", "return"}
    assert kinds["trip"] > 10
    assert any(day["guests"] for day in days)
    assert any(day["sick"] for day in days)


def test_most_of_the_log_is_noise(home: Home) -> None:
    planted = {habit["entity_id"] for habit in home.habits}
    assert sum(row.entity_id not in planted for row in home.rows) > 0.8 * len(home.rows)


def _there(*rows: Row) -> bool:
    return all(row.state != "unavailable" for row in rows)


def _numbers(home: Home, entity_id: str) -> list[float]:
    return [float(row.state) for row in home.lines[entity_id] if row.state not in ("unavailable", "unknown")]


def _mean(home: Home, entity_id: str) -> float:
    values = _numbers(home, entity_id)
    return sum(values) / len(values)
