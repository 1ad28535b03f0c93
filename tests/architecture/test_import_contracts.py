"""The import contracts hold, and each can fail: seeded violations are caught and named.

A contract that nobody has seen broken may be empty: a wildcard that matches nothing keeps every promise.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from architecture.sources import CHECKOUT, SRC
from architecture.violations import VIOLATIONS, Violation

CONFIG = CHECKOUT / "importlinter.ini"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree whose imports may be broken."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(SRC, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CONFIG, root)
    return root


@pytest.fixture
def seeded(copy: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, Violation]]:
    """The copy with one violation in it, and afterwards without."""
    violation: Violation = request.param
    added = {violation.file: violation.source, **violation.beside}
    before = {name: (copy / name).read_text() if (copy / name).exists() else None for name in added}
    for name, text in added.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(f"{before[name] or ''}\n{text}\n")
    yield copy, violation
    for name, text in before.items():
        (copy / name).unlink() if text is None else (copy / name).write_text(text)
    new = copy / "modules" / "weather"
    shutil.rmtree(new, ignore_errors=True)


def lint(root: Path) -> tuple[int, str]:
    """What `lint-imports` says about the tree at `root`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--config", "importlinter.ini", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def section(report: str, contract: str) -> str:
    """What the report says of one broken contract."""
    broken = report.split("Broken contracts", 1)[-1].splitlines()
    start = next((index for index, line in enumerate(broken) if line.strip() == contract), None)
    if start is None:
        return ""
    rest = broken[start + 2 :]
    end = next((index for index, line in enumerate(rest) if index and set(line.strip()) == {"-"}), len(rest) + 1)
    return "\n".join(rest[: end - 1])


def test_every_import_goes_where_the_architecture_allows(copy: Path) -> None:
    code, report = lint(copy)
    assert code == 0, report


@pytest.mark.parametrize("seeded", VIOLATIONS, ids=lambda violation: violation.fact, indirect=True)
def test_a_violation_is_caught_and_named(seeded: tuple[Path, Violation]) -> None:
    root, violation = seeded
    code, report = lint(root)
    assert code == 1, report
    assert f"{violation.contract} BROKEN" in report, report
    assert violation.sight in section(report, violation.contract), report


def test_every_contract_has_a_violation_that_breaks_it() -> None:
    contracts = {value["name"] for key, value in _config().items() if key.startswith("importlinter:contract:")}
    assert contracts == {violation.contract for violation in VIOLATIONS}


def test_nothing_is_ignored_and_every_broken_contract_says_what_to_do() -> None:
    """An ignored import is a hole that nobody sees again."""
    for key, options in _config().items():
        if key.startswith("importlinter:contract:"):
            assert not {name for name in options if "ignore" in name}, key
            assert options["broken_contract_guidance"].strip(), key


def test_the_composition_root_is_refused_every_private_room_but_two() -> None:
    """The list of rooms stands twice in the file: once in order, once as forbidden to the root."""
    config = _config()
    rooms = config["importlinter:contract:private"]["layers"].replace("(", "").replace(")", "").replace("|", "\n")
    forbidden = config["importlinter:contract:composition-rooms"]["forbidden_modules"].split()
    declared = {room.strip() for room in rooms.split("\n") if room.strip()}
    assert {name.rpartition(".")[2] for name in forbidden} == declared - {"wiring", "tables"}


def _config() -> ConfigParser:
    config = ConfigParser(interpolation=None)
    config.read(CONFIG, encoding="utf-8")
    return config
