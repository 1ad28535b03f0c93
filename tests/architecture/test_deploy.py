"""The ways to run it agree with each other, and what the image would run really runs.

There is no Docker engine here. What can be held without one is: the image's own command, environment and health check
work on the wheel that the image installs, and nothing is written outside the volume.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from architecture.sources import CHECKOUT
from architecture.wheel import build_wheel, environment, lay_out

DEPLOY = CHECKOUT / "deploy"
PORT = 8010


def instruction(name: str) -> str:
    """The last instruction of that name in the Dockerfile, on one line."""
    text = re.sub(r"\\\n\s*", " ", (CHECKOUT / "Dockerfile").read_text(encoding="utf-8"))
    found = [line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(f"{name} ")]
    return found[-1]


def documents() -> list[tuple[str, Any]]:
    return [
        (path.relative_to(DEPLOY).as_posix(), document)
        for path in sorted(DEPLOY.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def test_every_file_is_one_or_more_mappings() -> None:
    assert len(documents()) >= 8
    assert all(isinstance(document, dict) and document for _, document in documents())


def test_the_image_runs_without_root_with_one_volume_and_a_pinned_base() -> None:
    text = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert instruction("USER") == "10001"
    assert re.findall(r"^VOLUME (.*)$", text, re.M) == ['["/data"]']
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert len(bases) == 2
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases), "a base without an exact version moves by itself"


def test_the_image_copies_only_what_the_ignore_file_lets_through() -> None:
    allowed = {line[1:] for line in (CHECKOUT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for line in (CHECKOUT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied.update(shlex.split(line)[1:-1])
    assert copied == allowed
    assert all((CHECKOUT / name).exists() for name in copied)


@pytest.mark.parametrize("name", ["compose.yaml", "compose.postgres.yaml"])
def test_a_compose_file_locks_the_container_down(name: str) -> None:
    service = dict(documents())[name]["services"]["homewright"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["homewright:/data"]
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]


def test_the_pod_is_the_image_with_a_read_only_root_and_both_probes() -> None:
    pod = dict(documents())["kubernetes/deployment.yaml"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsUser"] == int(instruction("USER"))
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["ports"][0]["containerPort"] == PORT == int(instruction("EXPOSE"))
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}


def test_the_kustomization_names_every_file_beside_it() -> None:
    named = set(dict(documents())["kubernetes/kustomization.yaml"]["resources"])
    beside = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")} - {"kustomization.yaml"}
    assert named == beside


def test_the_versions_of_image_add_on_and_package_are_one() -> None:
    version = re.search(r'^version = "(.*)"$', (CHECKOUT / "pyproject.toml").read_text(), re.M)
    assert version
    assert dict(documents())["home-assistant-addon/config.yaml"]["version"] == version[1]
    images = {tag for _, text in _texts() for tag in re.findall(r"\bhomewright:(\d[\w.]*)", text)}
    assert images == {version[1]}


def test_the_image_sets_only_settings_that_exist() -> None:
    from kernel.runtime.settings import load

    load({name: value for name, value in image_environment().items() if name.startswith("HOMEWRIGHT_")})


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, int]]:
    """The image's command on the wheel that it installs, its volume at `tmp_path/data`."""
    (tmp_path / "wheel").mkdir()
    site = lay_out(build_wheel(tmp_path / "wheel"), tmp_path / "site")
    port = _free_port()
    settings = image_environment() | {
        "HOMEWRIGHT_DATA_DIR": str(tmp_path / "data"),
        "HOMEWRIGHT_SERVER_HOST": "127.0.0.1",
        "HOMEWRIGHT_SERVER_PORT": str(port),
        "HOME": str(tmp_path / "data"),
    }
    assert json.loads(instruction("ENTRYPOINT")) == ["homewright"]
    start = [sys.executable, "-c", "from homewright.cli import main; main()", *json.loads(instruction("CMD"))]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            start, cwd=tmp_path, env=environment(site, **settings), stdout=log, stderr=subprocess.STDOUT
        )
    yield process, tmp_path, port
    if process.poll() is None:
        process.kill()
        process.wait(10)


def test_what_the_image_runs_gets_ready_stops_on_sigterm_and_writes_only_into_its_volume(
    running: tuple[subprocess.Popen[bytes], Path, int],
) -> None:
    process, folder, port = running
    before = _snapshot(folder / "site")
    deadline = time.monotonic() + 60
    while _health_check(port) != 0:
        assert process.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (folder / "log").read_text()
    assert _health_check(port) != 0
    assert _snapshot(folder / "site") == before
    assert {path.name for path in folder.iterdir()} == {"wheel", "site", "data", "log"}
    assert any((folder / "data").iterdir())


def image_environment() -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in shlex.split(instruction("ENV")))
    pairs.pop("PATH")
    return pairs


def _health_check(port: int) -> int:
    """The Dockerfile's own HEALTHCHECK, at the port of this test."""
    command = json.loads(instruction("HEALTHCHECK").split(" CMD ", 1)[1])
    arguments = [part.replace(f":{PORT}/", f":{port}/") for part in command[1:]]
    return subprocess.run([sys.executable, *arguments], capture_output=True, timeout=30, check=False).returncode


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.as_posix(): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _texts() -> list[tuple[str, str]]:
    paths = [CHECKOUT / "Dockerfile", *(path for path in DEPLOY.rglob("*") if path.is_file())]
    return [(os.fspath(path), path.read_text(encoding="utf-8")) for path in paths]
