"""The demo is honest: what the miner finds in the simulated home was planted there, and the truth beside it says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    argv = [sys.executable, "-m", "homewright", "--json", "demo", "--folder", str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_several_planted_habits_are_found_and_little_else(shown: dict[str, Any]) -> None:
    truth = json.loads(Path(shown["truth"]).read_text(encoding="utf-8"))
    planted = {(part["entity_id"], part["state"]) for habit in truth["habits"] for part in (habit, *habit["further"])}
    found = [_act(suggestion) for suggestion in shown["suggest"]]
    assert len(found) >= 6
    assert sum(act in planted for act in found) >= len(found) - 1
    automated = {(habit["entity_id"], habit["state"]) for habit in truth["habits"] if habit["automated"]}
    assert not automated & set(found)


def test_it_says_how_much_was_simulated_and_that_the_shuffled_home_is_empty(shown: dict[str, Any]) -> None:
    assert shown["rows"] == shown["import"]["rows"] > 100_000
    assert shown["learn"]["report"]["null_kept"] == 0
    assert shown["audit"]["first_bad"] is None


STATES = {"turn_on": "on", "turn_off": "off", "open_cover": "open", "close_cover": "closed"}


def _act(suggestion: dict[str, Any]) -> tuple[str, str]:
    action = suggestion["habit"]["rule"]["actions"][0]
    return action["entity_ids"][0], STATES[action["service"].partition(".")[2]]
