"""The main job on a simulated home, by the very commands that a user would type, each shown before it runs."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any, TextIO

import click

from homewright.session import HomeSession
from homewright.simulation import DemoHome, write_demo_home
from kernel.runtime.terminal import Terminal, invoke


def show_demo(session: HomeSession, cli: click.Command, folder: Path, seed: int, weeks: int) -> None:
    """Simulate, import, learn, suggest; everything is written below `folder`."""
    home = write_demo_home(folder, seed, weeks)
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    automations = folder / "automations.yaml"
    steps = _steps(home, automations)
    if session.terminal.json:
        session.terminal.show(_as_json(cli, home, data, steps, automations), lambda: None)
        return
    session.terminal.say(f"A home of two people, {weeks} weeks, simulated with seed {seed}: {home.rows} state changes.")
    session.terminal.say(f"What was planted in it is in {home.truth}; the miner does not read that.")
    for step in steps:
        session.terminal.say()
        session.terminal.say(f"$ homewright --data-dir {data} {' '.join(step)}", style="bold")
        _run(cli, ["--data-dir", str(data), *step])
    _what_next(session.terminal, automations, data)


def _steps(home: DemoHome, automations: Path) -> list[list[str]]:
    where = ["--tz", home.zone, "--lat", str(home.latitude), "--lon", str(home.longitude)]
    return [
        ["import", str(home.history), *where],
        ["learn"],
        ["suggest", "--out", str(automations)],
        ["audit", "verify"],
    ]


def _run(cli: click.Command, argv: list[str], out: TextIO | None = None) -> None:
    sys.stdout.flush()
    code = invoke(cli, argv, HomeSession, out=out)
    if code:
        raise SystemExit(code)


def _as_json(
    cli: click.Command, home: DemoHome, data: Path, steps: list[list[str]], automations: Path
) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for step in steps:
        out = io.StringIO()
        _run(cli, ["--data-dir", str(data), "--json", *step], out)
        answers[step[0]] = json.loads(out.getvalue())
    return {"rows": home.rows, "truth": str(home.truth), "automations": str(automations), **answers}


def _what_next(terminal: Terminal, automations: Path, data: Path) -> None:
    terminal.say()
    terminal.say("What next", style="bold")
    terminal.say(f"  The automations are in {automations}, ready for Home Assistant's automations.yaml.")
    terminal.say("  Your own home: copy home-assistant_v2.db from Home Assistant's configuration folder, then")
    terminal.say("    .venv/bin/homewright import home-assistant_v2.db --tz Europe/Berlin --lat 52.5 --lon 13.4")
    terminal.say("    .venv/bin/homewright learn")
    terminal.say("    .venv/bin/homewright suggest")
    terminal.say("  The file is only read. Nothing here changes your home: what you like, you copy.")
