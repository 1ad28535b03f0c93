"""How commands speak: to people in tables and sentences, to programs in one JSON document."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol

import click
import pytest

from kernel.errors import Conflict
from kernel.facade.context import current
from kernel.facade.job import JobState, JobStatus
from kernel.runtime.terminal import Column, JobFailed, Session, Terminal, invoke

NOW = datetime(2026, 11, 20, tzinfo=UTC)


class Greeter(Protocol):
    async def greet(self) -> str: ...


class Friendly:
    async def greet(self) -> str:
        principal = current().principal
        return f"hello {current().caller} {principal.role if principal else 'nobody'}"


class House:
    """Gives ports; remembers that it was opened and closed by the same task."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def of(self, protocol: type) -> Friendly:
        return Friendly()

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[House]:
        task = asyncio.current_task()
        self.log.append("open")
        async with asyncio.TaskGroup() as works:
            idle = works.create_task(asyncio.sleep(60))
            yield self
            idle.cancel()
        assert asyncio.current_task() is task
        self.log.append("closed")


@click.group()
def cli() -> None:
    """The house."""


@cli.command()
@click.pass_obj
def greet(session: Session) -> None:
    greeter = session.port(Greeter)  # type: ignore[type-abstract]
    words = session.run(greeter.greet)
    session.terminal.show(
        {"words": words}, lambda: session.terminal.table("Words", ["who", Column("n", "right")], [(words, 1)])
    )


@cli.command()
@click.pass_obj
def fails(session: Session) -> None:
    session.terminal.say("begun")
    session.port(Greeter)  # type: ignore[type-abstract]
    raise Conflict(what="the house [red]sleeps[/red]")


@cli.command()
def breaks() -> None:
    raise KeyError("bug")


@cli.command()
@click.argument("number", type=int)
def count(number: int) -> None: ...


class Run:
    def __init__(self, *argv: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.house = House()
        self.code = invoke(cli, argv, lambda terminal: Session(terminal, self.house), out, err)
        self.out, self.err = out.getvalue(), err.getvalue()


def test_a_person_gets_a_table() -> None:
    run = Run("greet")
    assert run.code == 0
    assert "hello terminal admin" in run.out
    assert "who" in run.out


@pytest.mark.parametrize("argv", [("--json", "greet"), ("greet", "--json")])
def test_a_program_gets_exactly_one_json_document(argv: tuple[str, ...]) -> None:
    run = Run(*argv)
    assert json.loads(run.out) == {"words": "hello terminal admin"}
    assert run.err == ""


def test_the_house_is_opened_when_needed_and_always_closed() -> None:
    assert Run("greet").house.log == ["open", "closed"]
    assert Run("fails").house.log == ["open", "closed"]
    assert Run("count", "1").house.log == []


def test_a_fault_is_one_sentence_and_no_traceback() -> None:
    run = Run("fails")
    assert run.code == 1
    assert run.err == "the house [red]sleeps[/red]\n"
    assert run.out == "begun\n"


def test_a_fault_is_json_on_stderr_for_a_program() -> None:
    run = Run("fails", "--json")
    error = json.loads(run.err)["error"]
    assert (run.code, run.out) == (1, "")
    assert (error["type"], error["ran"], error["fields"]) == (
        "kernel.Conflict",
        "no",
        {"what": "the house [red]sleeps[/red]"},
    )


@pytest.mark.parametrize("argv", [("count", "x"), ("count",), ("nothing",), ("greet", "--loud")])
def test_a_wrong_question_is_exit_code_two(argv: tuple[str, ...]) -> None:
    assert Run(*argv).code == 2
    run = Run(*argv, "--json")
    assert run.code == 2
    assert json.loads(run.err)["error"]["type"] == "kernel.Invalid"


def test_a_bug_is_a_sentence_too() -> None:
    run = Run("breaks")
    assert run.code == 1
    assert run.err.splitlines() == ["homewright breaks failed with an undeclared KeyError"]


def test_help_is_no_failure() -> None:
    assert Run("--help").code == 0


def test_what_follows_two_dashes_is_not_ours() -> None:
    assert Run("count", "--", "--json").code == 2
    assert Run("count", "--", "--json").err.startswith("homewright count")


def test_output_that_is_no_terminal_has_no_colours() -> None:
    run = Run("fails")
    table = Run("greet")
    assert "\x1b" not in run.out + run.err + table.out


def test_a_terminal_gets_red() -> None:
    script = (
        "import sys\nfrom kernel.errors import Conflict\nfrom kernel.runtime.terminal import Terminal\n"
        "Terminal().fail(Conflict(what='it [blue]sleeps'))\n"
    )
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": ""}
    subprocess.run([sys.executable, "-c", script], stderr=follower, env=environment, check=True)
    os.close(follower)
    seen = os.read(leader, 1000).decode()
    os.close(leader)
    assert "\x1b[31m" in seen
    assert "it [blue]sleeps" in seen


def job(state: JobState, done: int, problem: str | None = None) -> JobStatus:
    return JobStatus(
        id="j",
        kind="learn",
        state=state,
        stage="mine",
        done=done,
        total=3,
        problem=problem,
        created_at=NOW,
        updated_at=NOW,
    )


async def test_a_job_is_followed_to_its_end() -> None:
    states = iter([job("queued", 0), job("running", 1), job("done", 3)])

    async def ask() -> JobStatus:
        return next(states)

    status = await Terminal(out=io.StringIO(), err=io.StringIO()).follow("Learning", ask, 0.001)
    assert status.done == 3


@pytest.mark.parametrize(("state", "problem"), [("failed", "the history is too short"), ("cancelled", None)])
async def test_a_job_that_ends_badly_is_a_fault(state: JobState, problem: str | None) -> None:
    async def ask() -> JobStatus:
        return job(state, 1, problem)

    with pytest.raises(JobFailed, match=problem or "cancelled"):
        await Terminal(err=io.StringIO()).follow("Learning", ask, 0.001)


def test_rich_is_not_loaded_until_something_is_drawn() -> None:
    script = "import sys, kernel.runtime.terminal; print([m for m in sys.modules if m.startswith('rich.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
