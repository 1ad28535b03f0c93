"""What people and programs see of the suggestions: cards on a terminal, JSON, files, REST."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec
import pytest
import yaml

from kernel.data import Database
from kernel.facade.context import Principal
from kernel.facade.meter import Meter
from kernel.runtime.gateway import build_app
from kernel.runtime.health import Health
from kernel.runtime.limits import Limits
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.settings.tree import LimitSettings
from kernel.runtime.terminal import Session, Terminal, invoke
from kernel.runtime.wiring import Ports
from kernel.testing.databases import Databases
from modules.automation import Automations, Suggestions
from modules.automation.commands import commands
from modules.automation.internal.service import AutomationService, SuggestionService
from modules.automation.internal.tables import metadata
from modules.automation.routes import routes
from modules.patterns import History, Patterns
from modules.patterns.types import Habits

from .homes import LearnedPatterns, TokyoHistory, habit


class Terminals:
    """A command line over a house with these facades, each call a run of its own."""

    def __init__(self, databases: Databases, patterns: LearnedPatterns) -> None:
        databases.create("automation", metadata)
        self._url = databases.url
        self.patterns = patterns

    def __call__(self, *argv: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        cli = click.Group("homewright", commands={command.name or "": command for command in commands()})
        return invoke(cli, argv, self._session, out, err), out.getvalue(), err.getvalue()

    def _session(self, terminal: Terminal) -> Session:
        return Session(terminal, self._house)

    @asynccontextmanager
    async def _house(self) -> AsyncIterator[Ports]:
        database = await Database.open("automation", self._url)
        yield ports(database, self.patterns)
        await database.close()


def ports(database: Database, patterns: LearnedPatterns) -> Ports:
    services: dict[type, object] = {
        Suggestions: SuggestionService(database, patterns, lambda: datetime.now(UTC)),
        Automations: AutomationService(),
        Patterns: patterns,
        History: TokyoHistory(),
    }
    return Ports(lambda protocol, caller: services[protocol], "test")


@pytest.fixture
def terminal(databases: Databases, patterns: LearnedPatterns) -> Terminals:
    return Terminals(databases, patterns)


def test_a_card_has_the_sentence_the_drawing_and_the_worth(terminal: Terminals) -> None:
    code, out, _ = terminal("suggest")
    assert code == 0
    card = out.split("\n2. ")[0].splitlines()
    assert card[:2] == ["1. light.a is turned on at about 07:30", "   At 07:30, turn on light.a."]
    assert card[3] == "   " + "·" * 33 + "█" + "·" * 14 + "  about 16:30", "07:30 UTC is 16:30 in Tokyo"
    assert card[6] == "   ████··· ██·█···  weeks from 2026-09-07 to 2026-09-20, Monday first"
    assert card[8].endswith("seen on 7 of 14 days that could have had it (chance alone: about 0.4)")
    assert (
        "saved 4.1 of your switch presses a week, with 0.2 false firings a day (12 of 14 right, 95 % bounds" in card[9]
    )
    assert "57–98 %" in card[9]


def test_an_evening_habit_around_midnight_is_not_told_as_noon(terminal: Terminals) -> None:
    late = habit("a", "14:50")
    times = tuple(at + timedelta(minutes=7 * number) for number, at in enumerate(late.evidence.times))
    evidence = msgspec.structs.replace(late.evidence, times=times)
    terminal.patterns.learns(msgspec.structs.replace(late, evidence=evidence))
    assert "about 00:11" in terminal("suggest")[1]


def test_yaml_is_shown_on_demand_and_written_as_one_file(terminal: Terminals, tmp_path: Path) -> None:
    assert "triggers:" not in terminal("suggest")[1]
    assert "    - trigger: time" in terminal("suggest", "--yaml")[1]
    file = tmp_path / "automations.yaml"
    terminal("suggest", "--out", str(file))
    assert [one["id"] for one in yaml.safe_load(file.read_text("utf-8"))] == ["homewright_a", "homewright_b"]


def test_a_file_that_cannot_be_written_is_a_sentence(terminal: Terminals, tmp_path: Path) -> None:
    code, _, err = terminal("suggest", "--out", str(tmp_path / "no" / "where.yaml"))
    assert (code, "a file that can be written" in err) == (1, True)


def test_json_is_one_document(terminal: Terminals) -> None:
    found = json.loads(terminal("suggest", "--json")[1])
    assert [one["id"] for one in found] == ["a", "b"]
    assert found[0]["habit"]["tested"]["saved_per_week"] == 4.1


def test_dismissed_is_gone_but_can_be_looked_up(terminal: Terminals) -> None:
    terminal("suggest")
    assert (
        terminal("suggest", "dismiss", "a", "--reason", "dark")[1] == "Dismissed: light.a is turned on at about 07:30\n"
    )
    assert "light.a" not in terminal("suggest")[1]
    assert "light.a is turned on at about 07:30 (dismissed)" in terminal("suggest", "--all")[1]
    code, _, err = terminal("suggest", "dismiss", "nope")
    assert (code, "there is no suggestion 'nope'" in err) == (1, True)


def test_no_suggestions_is_said_with_the_reasons_of_the_learning(terminal: Terminals) -> None:
    terminal.patterns.learns()
    out = terminal("suggest")[1]
    assert "900 possible habits tested, 5 beat chance, 0 kept" in out
    assert "the history is short: 10 weeks" in out
    answer = json.loads(terminal("suggest", "--json")[1])
    assert (answer["suggestions"], answer["report"]["id"]) == ([], "l1")
    terminal.patterns.found = Habits()
    assert "Nothing has been learned yet" in terminal("suggest")[1]


class Known:
    """Two people at the door."""

    def verify(self, secret: bytes) -> Principal | None:
        role: Any = {b"hw_viewer": "viewer", b"hw_operator": "operator"}.get(secret)
        return Principal(name="p", role=role) if role else None

    async def verify_anew(self, secret: bytes) -> Principal | None:
        return None


@asynccontextmanager
async def rest(database: Database, patterns: LearnedPatterns, role: str) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(
        routes(ports(database, patterns)),
        version="0",
        access=Known(),
        limits=Limits(LimitSettings()),
        health=Health({}),
        metrics=Metrics(Meter()),
        body_bytes=100_000,
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    headers = {"authorization": f"Bearer hw_{role}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://house", headers=headers) as client:
        yield client


async def test_rest_lists_shows_and_dismisses(database: Database, patterns: LearnedPatterns) -> None:
    async with rest(database, patterns, "operator") as client:
        assert (await client.post("/api/v1/suggestions/refresh")).json() == {
            "added": 2,
            "updated": 0,
            "expired": 0,
            "refused": 0,
        }
        assert [one["id"] for one in (await client.get("/api/v1/suggestions")).json()] == ["a", "b"]
        dismissed = await client.post("/api/v1/suggestions/a/dismiss", json={"reason": "dark"})
        assert (dismissed.status_code, dismissed.json()["dismissed_because"]) == (200, "dark")
        assert [one["id"] for one in (await client.get("/api/v1/suggestions?states=dismissed,expired")).json()] == ["a"]
        assert len((await client.get("/api/v1/suggestions?states=&limit=1")).json()) == 1
        assert (await client.get("/api/v1/suggestions/a")).json()["state"] == "dismissed"
        assert (await client.get("/api/v1/suggestions/nope")).status_code == 404
        for query in ("states=old", "limit=0", "limit=x"):
            assert (await client.get(f"/api/v1/suggestions?{query}")).status_code == 422
        assert (await client.post("/api/v1/suggestions/b/dismiss", json={"why": 1})).status_code == 422


async def test_rest_renders_a_rule_or_says_why_not(database: Database, patterns: LearnedPatterns) -> None:
    async with rest(database, patterns, "viewer") as client:
        rule = json.loads(msgspec.json.encode(habit().rule))
        answer = (await client.post("/api/v1/automations/render", json=rule)).json()
        assert answer["sentence"] == "At 07:30, turn on light.a."
        rule["conditions"] = [{"type": "time"}]
        refused = await client.post("/api/v1/automations/render", json=rule)
        assert (refused.status_code, "no weekday" in refused.text) == (422, True)


async def test_viewers_may_not_dismiss(database: Database, patterns: LearnedPatterns) -> None:
    async with rest(database, patterns, "viewer") as client:
        assert (await client.get("/api/v1/suggestions")).status_code == 200
        assert (await client.post("/api/v1/suggestions/a/dismiss")).status_code == 403
        assert (await client.post("/api/v1/suggestions/refresh")).status_code == 403
