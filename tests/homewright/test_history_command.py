"""`homewright history …` as a person types it, on a real data folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homewright.cli import run

ROWS = (
    "time_local,entity_id,state,origin",
    "2026-01-05 07:00:00,light.hall,off,",
    "2026-01-05 08:00:00,light.hall,on,manual",
    "2026-01-05 08:30:00,light.hall,off,automation",
    "2026-01-06 08:00:00,light.hall,on,manual",
)


class Typed:
    """A command line on one folder; what it prints."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, *words: str) -> str:
        code = run(["--data-dir", str(self._folder / "data"), *words])
        out, err = self._capsys.readouterr()
        assert code == 0, err
        return str(out)


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    (tmp_path / "home.csv").write_text("\n".join(ROWS) + "\n")
    typed = Typed(tmp_path, capsys)
    typed("import", str(tmp_path / "home.csv"), "--tz", "Asia/Tokyo")
    return typed


def test_answers_are_on_the_homes_clock(typed: Typed) -> None:
    said = typed("history", "last", "light.hall", "off")
    assert said == "light.hall went from on to off at 2026-01-05 08:30:00 (automation).\n"
    assert typed("history", "last", "light.hall", "blue") == "Never, as far as the record goes.\n"
    spent = typed("history", "duration", "light.hall", "on", "--from", "2026-01-05T06:00", "--to", "2026-01-05T12:00")
    assert "on for 0:30:00" in spent
    assert "1:00:00 not known" in spent


def test_counts_are_a_table_of_the_week(typed: Typed) -> None:
    lines = [line.split() for line in typed("history", "counts", "light.hall", "on").splitlines()]
    assert lines[0][:5] == ["light.hall", "to", "on:", "2", "changes,"]
    monday = next(line for line in lines if line[:1] == ["Mon"])
    assert monday[1 + 8] == "1"
    assert monday[-2:] == ["1", "1.0"]


def test_the_home_at_an_instant_and_its_changes(typed: Typed) -> None:
    stood = typed("history", "as-of", "2026-01-05T08:10")
    assert ["light.hall", "on", "2026-01-05", "08:00:00", "manual"] in [line.split() for line in stood.splitlines()]
    assert "The record ends at 2026-01-06 08:00:00" in typed("history", "as-of", "2026-02-01T00:00")
    rows = json.loads(typed("--json", "history", "timeline", "light.hall", "--from", "2026-01-05T08:30"))
    assert [row["state"] for row in rows] == ["off", "on"]
