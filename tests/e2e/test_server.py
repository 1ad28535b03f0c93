"""The server as its users meet it: a process, a port, a token."""

from __future__ import annotations

import json
import time
from pathlib import Path

import httpx
import pytest

from e2e.served import Server, accepted, homewright, serving
from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.writing import simulate_home


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(data: Path):  # type: ignore[no-untyped-def]
    with serving(data) as server:
        yield server


@pytest.fixture(scope="module")
def admin(server: Server) -> httpx.Client:
    return accepted(server)


def until_ended(client: httpx.Client, path: str) -> dict:  # type: ignore[type-arg]
    for _ in range(600):
        found = client.get(path).json()
        if found["job"]["state"] not in ("queued", "running"):
            return dict(found)
        time.sleep(0.05)
    raise AssertionError(f"{path} did not end")


def test_is_ready_and_says_what_it_checked(server: Server) -> None:
    with server.client(None) as anybody:
        answer = anybody.get("/health/ready")
    assert answer.status_code == 200
    names = {check["name"] for check in answer.json()["checks"]}
    assert {"database:patterns", "work:events:audit", "disk", "schedule", "access"} <= names


def test_lets_nobody_in_without_a_token(server: Server) -> None:
    with server.client(None) as anybody:
        for path in ("/api/v1/habits", "/api/v1/modules", "/api/v1/suggestions", "/metrics"):
            refused = anybody.get(path)
            assert refused.status_code == 401, path
            assert refused.json()["error"]["type"] == "kernel.Unauthorized"


def test_a_viewer_may_look_and_not_change(server: Server) -> None:
    viewer = accepted(server, "viewer", "looker")
    assert viewer.get("/api/v1/modules").status_code == 200
    refused = viewer.post("/api/v1/switches", json={"facade": "patterns/Replay", "state": "local"})
    assert refused.status_code == 403
    assert refused.json()["error"]["fields"] == {"needed": "admin", "role": "viewer"}


def test_a_revoked_token_stops_working_within_seconds(server: Server) -> None:
    soon_gone = accepted(server, "viewer", "gone soon")
    assert soon_gone.get("/api/v1/modules").status_code == 200
    assert homewright(server.data, "token", "revoke", "gone soon").returncode == 0
    deadline = time.monotonic() + 10
    while soon_gone.get("/api/v1/modules").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert soon_gone.get("/api/v1/modules").status_code == 401


def test_a_simulation_over_rest_names_no_folder(admin: httpx.Client, tmp_path: Path) -> None:
    asked = {"seed": 3, "weeks": 1, "home_type": "shift_worker"}
    refused = admin.post("/api/v1/training/simulations", json={**asked, "folder": str(tmp_path / "x")})
    assert refused.status_code == 422, refused.text
    assert not (tmp_path / "x").exists()
    begun = admin.post("/api/v1/training/simulations", json=asked)
    assert begun.status_code == 202, begun.text
    done = until_ended(admin, f"/api/v1/training/simulations/{begun.json()['id']}")
    assert done["job"]["state"] == "done", done
    assert Path(done["simulated"]["history"]).stat().st_size > 100_000


def test_the_main_job_over_rest(server: Server, admin: httpx.Client, tmp_path: Path) -> None:
    home = simulate_home(tmp_path, Order(seed=3, weeks=8, home_type="couple"))
    where = {"zone": home.zone, "latitude": home.latitude, "longitude": home.longitude}
    sent = admin.post("/api/v1/history/imports", params=where, content=home.history.read_bytes())
    assert sent.status_code in (200, 201, 202), sent.text
    done = until_ended(admin, f"/api/v1/history/imports/{sent.json()['id']}")
    assert done["job"]["state"] == "done", done
    assert done["report"]["added"] == home.rows
    assert admin.get("/api/v1/history").json()["changes"] == home.rows

    learning = admin.post("/api/v1/learn", json={})
    assert learning.status_code in (200, 201, 202), learning.text
    learned = until_ended(admin, f"/api/v1/learn/{learning.json()['id']}")
    assert learned["job"]["state"] == "done", learned
    habits = admin.get("/api/v1/habits").json()["habits"]
    assert habits

    admin.post("/api/v1/suggestions/refresh")
    suggestions = admin.get("/api/v1/suggestions").json()
    assert {one["id"] for one in suggestions} == {one["id"] for one in habits}
    assert "triggers:" in suggestions[0]["automation"]["yaml"]


def test_every_change_is_in_the_trail(server: Server, admin: httpx.Client) -> None:
    deadline = time.monotonic() + 15
    while True:
        topics = {one["envelope"]["topic"] for one in admin.get("/api/v1/audit/records").json()}
        if {"kernel.TokenCreated", "patterns.HistoryImported", "patterns.HabitsFound"} <= topics:
            break
        assert time.monotonic() < deadline, topics
        time.sleep(0.2)
    assert admin.get("/api/v1/audit/verification").json()["intact"] is True


def test_metrics_count_calls_by_operation_and_route(admin: httpx.Client) -> None:
    admin.get("/api/v1/habits")
    text = admin.get("/metrics").text
    assert 'homewright_operation_calls_total{operation="patterns/Patterns/habits",route="local"}' in text
    assert "homewright_jobs{" in text


def test_nightly_work_is_planned(admin: httpx.Client) -> None:
    planned = {work["name"]: work["cron"] for work in admin.get("/api/v1/schedule").json()}
    assert planned == {"patterns.learn": "30 3 * * *", "audit.checkpoint": "30 3 * * *", "kernel.prune": "15 4 * * *"}


def test_openapi_is_served(admin: httpx.Client) -> None:
    paths = admin.get("/schema/openapi.json").json()["paths"]
    assert {"/api/v1/habits", "/api/v1/suggestions", "/api/v1/switches"} <= paths.keys()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1,2]", b'{"facade": 3}', b'{"facade":"no/Such","state":"local"}', b"\xff\xfe", b"null"]
)
def test_garbage_is_refused_with_a_typed_error(admin: httpx.Client, body: bytes) -> None:
    refused = admin.post("/api/v1/switches", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= refused.status_code < 500
    assert refused.json()["error"]["type"].startswith("kernel.")


def test_unknown_paths_and_methods_are_typed_errors(admin: httpx.Client) -> None:
    assert admin.get("/api/v1/nothing").json()["error"]["type"] == "kernel.NotFound"
    assert admin.delete("/api/v1/modules").status_code == 405


def test_stops_on_sigterm_and_has_kept_everything(data: Path, server: Server) -> None:
    code, logged = server.stop()
    assert code == 0, logged
    assert "Traceback" not in logged
    verified = homewright(data, "audit", "verify", "--json")
    assert json.loads(verified.stdout)["intact"] is True
