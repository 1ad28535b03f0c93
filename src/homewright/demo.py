"""The main job on a simulated home, by the very commands that a user would type, each shown before it runs."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from homewright.session import HomeSession
from kernel.runtime.terminal import Terminal, invoke

FIRST_DAY = "2026-01-05"
"""A Monday in winter, so that mornings and evenings are dark."""


def show_demo(session: HomeSession, cli: click.Command, folder: Path, seed: int, weeks: int) -> None:
    """Simulate, import, learn, suggest; everything is written below `folder`."""
    data, automations = folder / "data", folder / "automations.yaml"
    shutil.rmtree(data, ignore_errors=True)
    if session.terminal.json:
        session.terminal.show(_as_json(cli, folder, data, automations, (seed, weeks)), lambda: None)
        return
    session.terminal.say("A home of two people, with its habits known: what the miner finds can be told from what is.")
    for step in _steps(folder, automations, seed, weeks):
        session.terminal.say()
        session.terminal.say(f"$ homewright --data-dir {data} {' '.join(step)}", style="bold")
        _run(cli, ["--data-dir", str(data), *step])
    _what_next(session.terminal, automations, data)


def _steps(folder: Path, automations: Path, seed: int, weeks: int) -> Iterator[list[str]]:
    """The commands; where the home stands is read from what the first one wrote."""
    home = ["--type", "couple", "--seed", str(seed), "--weeks", str(weeks), "--from", FIRST_DAY]
    yield ["simulate", *home, "--out", str(folder)]
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    place = ["--tz", told["zone"], "--lat", str(told["latitude"]), "--lon", str(told["longitude"])]
    yield ["import", str(folder / "history.csv"), *place]
    yield ["learn"]
    yield ["suggest", "--out", str(automations)]
    yield ["audit", "verify"]


def _run(cli: click.Command, argv: list[str], out: TextIO | None = None) -> None:
    sys.stdout.flush()
    code = invoke(cli, argv, HomeSession, out=out)
    if code:
        raise SystemExit(code)


def _as_json(cli: click.Command, folder: Path, data: Path, automations: Path, asked: tuple[int, int]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for step in _steps(folder, automations, *asked):
        out = io.StringIO()
        _run(cli, ["--data-dir", str(data), "--json", *step], out)
        answers[step[0]] = json.loads(out.getvalue())
    told = answers["simulate"]
    return {"rows": told["changes"], "truth": told["truth"], "automations": str(automations), **answers}


def _what_next(terminal: Terminal, automations: Path, data: Path) -> None:
    terminal.say()
    terminal.say("What next", style="bold")
    terminal.say(f"  The automations are in {automations}, ready for Home Assistant's automations.yaml.")
    terminal.say("  Your own home: copy home-assistant_v2.db from Home Assistant's configuration folder, then")
    terminal.say("    .venv/bin/homewright import home-assistant_v2.db --tz Europe/Berlin --lat 52.5 --lon 13.4")
    terminal.say("    .venv/bin/homewright learn")
    terminal.say("    .venv/bin/homewright suggest")
    terminal.say("  The file is only read. Nothing here changes your home: what you like, you copy.")
