"""`homewright backtest` on a simulated home: one document, nothing left behind, no house of this machine used."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homewright.cli import run
from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.writing import SimulatedHome, simulate_home

NET = [1.0, 2.0, 5.0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> SimulatedHome:
    return simulate_home(tmp_path_factory.mktemp("home"), Order(2, 8, "couple", first=date(2026, 1, 5)))


def asked(home: SimulatedHome, *more: str) -> list[str]:
    where = ["--tz", home.zone, "--lat", str(home.latitude), "--lon", str(home.longitude)]
    return ["backtest", str(home.history), *where, *more]


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    assert run([*argv, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose house is set up to be somewhere that a back-test must not touch."""
    monkeypatch.setenv("HOMEWRIGHT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOMEWRIGHT_DATABASE_URL", f"sqlite:///{tmp_path}/data/{{module}}.db")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


def test_tells_what_was_found_and_what_it_was_worth(
    home: SimulatedHome, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, *asked(home, "--mine", "4", "--select", "2", "--test", "2"))
    assert set(document) == {"home", "suggestions", "timing"}
    assert document["home"]["score"]["saved"] > 50
    for suggestion in document["suggestions"]:
        card = suggestion["score"]
        assert [net["weight"] for net in card["net"]] == NET
        assert card["saved"] + card["false_firings"] == card["effective_firings"]
        assert card["window"] == document["home"]["split"]["test"]
        automation = suggestion["automation"]
        assert automation["triggers"][0]["trigger"] in ("time", "state", "numeric_state", "sun")
        assert automation["actions"][0]["target"]["entity_id"]
    names = [one["name"] for one in document["home"]["baselines"]]
    assert len(names) == 4
    assert [one["oracle"] for one in document["home"]["baselines"]] == [False, False, False, True]
    assert document["timing"]["peak_memory_bytes"] >= document["timing"]["memory_before_bytes"] > 10_000_000
    assert list((elsewhere / "temporary").iterdir()) == []
    assert not (elsewhere / "data").exists()


def test_the_same_log_gives_the_same_answer(
    home: SimulatedHome, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (told(capsys, *asked(home)) for _ in range(2))
    assert first["suggestions"] == second["suggestions"]
    assert first["home"] == second["home"]


def test_the_home_without_its_habits_gives_about_nothing(
    home: SimulatedHome, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(capsys, *asked(home, "--null"))
    assert document["home"]["null"] is True
    assert len(document["suggestions"]) <= 1
    assert document["home"]["history"]["entities"] > 20


def test_people_get_a_table(home: SimulatedHome, elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(asked(home)) == 0
    out = capsys.readouterr().out
    for words in ("ALL SUGGESTIONS TOGETHER", "baseline: last week repeats", "by oracle", "MB at most"):
        assert words in out


def test_a_file_that_is_no_history_is_refused(
    elsewhere: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.csv").write_text("hello\n")
    assert run(["backtest", str(tmp_path / "x.csv"), "--tz", "UTC"]) == 1
    assert "x.csv" in capsys.readouterr().err
