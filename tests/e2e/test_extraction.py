"""A module moves to a process of its own and back, by its switches, while callers go on calling."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.served import Server, accepted, homewright, serving, token

FACADES = ("patterns/History", "patterns/Patterns", "patterns/Replay")


class Callers(threading.Thread):
    """Calls over REST without a pause, and keeps what went wrong."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.client = client
        self.done = threading.Event()
        self.calls = 0
        self.failed: list[str] = []

    def run(self) -> None:
        while not self.done.is_set():
            answer = self.client.get("/api/v1/habits")
            self.calls += 1
            if answer.status_code != 200:
                self.failed.append(answer.text)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """The house, and a second process that runs `patterns` on the same data."""
    secret = token(tmp_path, name="peer")
    env = {"HOMEWRIGHT_PEERS_TOKEN": secret, "HOMEWRIGHT_LIMITS_REQUESTS_PER_SECOND": "100000"}
    with serving(tmp_path, env=env) as main, serving(tmp_path, "--only", "patterns", env=env) as other:
        yield main, other


def flip(client: httpx.Client, facade: str, state: str, peer: str | None = None) -> None:
    answer = client.post("/api/v1/switches", json={"facade": facade, "state": state, "peer_url": peer})
    assert answer.status_code == 201, answer.text


def test_a_module_moves_out_and_back_without_a_failed_call(pair: tuple[Server, Server]) -> None:
    main, other = pair
    client, caller = accepted(main), Callers(accepted(main, "viewer", "caller"))
    caller.start()
    for _ in range(10):
        for facade in FACADES:
            flip(client, facade, "remote", other.url)
        assert client.get("/api/v1/history").json()["changes"] == 0
        for facade in FACADES:
            flip(client, facade, "local")
    caller.done.set()
    caller.join()
    assert caller.calls > 10
    assert caller.failed == []
    routes = client.get("/metrics").text
    assert 'operation="patterns/Patterns/habits",route="remote"' in routes


def test_events_of_a_moved_module_reach_the_others(pair: tuple[Server, Server], tmp_path: Path) -> None:
    main, other = pair
    client = accepted(main)
    flip(client, "patterns/History", "remote", other.url)
    change = {"at": "2026-01-01T10:00:00Z", "entity_id": "light.hall", "state": "on"}
    added = client.post("/api/v1/history/changes", json={"changes": [change]})
    assert added.json() == {"added": 1, "duplicates": 0}
    assert client.get("/api/v1/history").json()["changes"] == 1


def test_a_flip_needs_a_peer_that_answers(pair: tuple[Server, Server]) -> None:
    main, other = pair
    client = accepted(main)
    other.kill()
    refused = client.post(
        "/api/v1/switches", json={"facade": "patterns/Replay", "state": "remote", "peer_url": other.url}
    )
    assert refused.status_code == 503
    assert refused.json()["error"]["type"] == "kernel.Unreachable"
    assert client.get("/api/v1/habits").status_code == 200


def test_health_names_a_peer_that_is_gone(pair: tuple[Server, Server]) -> None:
    main, other = pair
    client = accepted(main)
    flip(client, "patterns/Replay", "remote", other.url)
    assert client.get("/health/ready").status_code == 200
    other.kill()
    time.sleep(1.1)  # health keeps its answer for a second
    unready = client.get("/health/ready")
    assert unready.status_code == 503
    failed = {check["name"]: check["problem"] for check in unready.json()["checks"] if check["problem"]}
    assert list(failed) == ["peers"]
    assert "patterns/Replay at" in failed["peers"]
    assert "switch its facades back to local" in failed["peers"]


def test_a_flip_by_the_command_line_reaches_the_server(pair: tuple[Server, Server]) -> None:
    main, other = pair
    client = accepted(main)
    refused = homewright(main.data, "switch", "patterns/Replay", "remote", "--peer", "http://127.0.0.1:9")
    assert refused.returncode == 1
    assert "cannot be reached" in refused.stderr
    flip(client, "patterns/Replay", "remote", other.url)
    shown = homewright(main.data, "switch", "patterns/Replay", "--json")
    assert '"state": "remote"' in shown.stdout
