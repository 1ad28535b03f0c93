"""The example under docs/ is installed as a user would install it, and each of its four parts works."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the plugin as pip installs it, from a copy of its sources."""
    folder = tmp_path_factory.mktemp("plugin")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    source = str(CHECKOUT / "docs" / "example-plugin")
    subprocess.run([*pip, "--target", str(folder), source], check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "HOMEWRIGHT_DATA_DIR": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "GREETER_FILE": str(tmp_path / "letter.txt"),
    }


def homewright(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from homewright.cli import main; main()", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_its_command_is_a_command_of_the_house(environment: dict[str, str]) -> None:
    said = homewright(environment, "greet", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {"sentence": "Hello! I know 0 changes of 0 entities on 0 days."}


def test_a_setting_switches_it_off(environment: dict[str, str]) -> None:
    assert homewright(environment | {"HOMEWRIGHT_PLUGINS_DISABLED": "greeter"}, "greet").returncode == 2


def test_without_its_own_setting_it_says_what_to_set(environment: dict[str, str]) -> None:
    """It would be a silent loss to write a letter to nowhere."""
    del environment["GREETER_FILE"]
    code = "import homewright_greeter; homewright_greeter._file()"
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 1
    assert "NotConfigured: the greeter's letter is not set up: set GREETER_FILE" in said.stderr


@pytest.fixture
def served(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A running server with the plugin, and its address."""
    log = (tmp_path / "log").open("w+")
    command = [sys.executable, "-u", "-c", "from homewright.cli import main; main()", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield _address(process, tmp_path / "log")
    finally:
        process.terminate()
        process.wait(20)


def test_its_route_is_guarded_and_answers_who_may_read(
    environment: dict[str, str], served: str, tmp_path: Path
) -> None:
    token = json.loads(homewright(environment, "token", "create", "reader", "--role", "viewer", "--json").stdout)[
        "token"
    ]
    route = f"{served}/api/v1/plugins/greeter/letter"
    assert _get(route) == (401, None)
    assert _get(route, token) == (404, None)
    (tmp_path / "letter.txt").write_text("Dear people")
    assert _get(route, token) == (200, "Dear people")


@pytest.fixture
async def house(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[object]:
    """An open house in this process that has the plugin."""
    from homewright.house import open_house
    from kernel.runtime.settings import load

    monkeypatch.syspath_prepend(str(installed))
    importlib.invalidate_caches()
    monkeypatch.setenv("GREETER_FILE", str(tmp_path / "letter.txt"))
    async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(tmp_path / "data")})) as opened:
        yield opened


async def test_an_event_queues_its_job_and_the_job_writes_the_letter(house: object, tmp_path: Path) -> None:
    from homewright.house import House
    from kernel.data.outbox import emit
    from modules.patterns.events import HabitsFound

    assert isinstance(house, House)
    assert "greeter" in house.plugins.loaded
    told = HabitsFound(learning_id="1", habit_ids=())
    await house.hosted["patterns"].database.write(lambda tx: emit(tx, told))
    async with house.working():
        for _ in range(400):
            if (tmp_path / "letter.txt").exists():
                break
            await asyncio.sleep(0.05)
    assert "No habits yet" in (tmp_path / "letter.txt").read_text(encoding="utf-8")


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        found = [word for word in log.read_text().split() if word.startswith("http://")]
        if found and _get(f"{found[0]}/health/live")[0] == 200:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _get(url: str, token: str | None = None) -> tuple[int, str | None]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, None
    except urllib.error.URLError:
        return 0, None
