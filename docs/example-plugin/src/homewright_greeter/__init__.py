"""Greets the people of the home: whenever a learning ends, a job writes them a letter about it.

It shows every hook of a plugin once. It speaks to the house through facades only, and keeps nothing but its letter.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from litestar import MediaType, get

from homewright.api import Envelope, Job, JobHandler, Jobs, Plugin, Ports, Subscription
from kernel.errors import NotConfigured, NotFound
from kernel.runtime.access import guard
from kernel.runtime.terminal import Session
from modules.patterns import History, Patterns

LETTER = "plugin.greeter.letter"


class Greeter(Plugin):
    """Named by this package's entry point."""

    name = "greeter"
    _queue: Jobs | None = None

    def routes(self, ports: Ports) -> Sequence[Any]:
        return [letter]

    def commands(self) -> Sequence[click.Command]:
        return [greet]

    def subscriptions(self, ports: Ports) -> Sequence[Subscription]:
        return [Subscription(LETTER, ("patterns.HabitsFound",), self._habits_found)]

    def jobs(self, ports: Ports, queue: Jobs) -> Mapping[str, JobHandler]:
        self._queue = queue

        async def write_letter(job: Job) -> None:
            """Writes the whole letter each time, so that a job that runs twice does no harm."""
            found = await ports.of(Patterns).habits()
            lines = [f"{habit.sentence}\n" for habit in found.habits] or ["No habits yet: more of the past may help.\n"]
            await asyncio.to_thread(_put, _file(), "".join(["Dear people of this home,\n\n", *lines]))

        return {LETTER: write_letter}

    async def _habits_found(self, envelope: Envelope) -> None:
        """Events come at least once; a second letter would be the same letter."""
        if self._queue is not None:
            await self._queue.put(LETTER, {"because": envelope.id})


@get("/api/v1/plugins/greeter/letter", guards=[guard("viewer")], media_type=MediaType.TEXT, summary="The last letter")
async def letter() -> str:
    """Raises NotFound before the first learning."""
    try:
        return await asyncio.to_thread(_file().read_text, encoding="utf-8")
    except FileNotFoundError as missing:
        raise NotFound(kind="letter", name="of the last learning") from missing


@click.command()
@click.pass_obj
def greet(session: Session) -> None:
    """Say how much of the home's past is known."""
    known = session.run(session.port(History).summary)
    sentence = f"Hello! I know {known.changes} changes of {known.entities} entities on {known.days_with_events} days."
    session.terminal.show({"sentence": sentence}, lambda: session.terminal.say(sentence))


def _file() -> Path:
    """Raises NotConfigured: a letter that goes nowhere would be a silent loss."""
    if not (name := os.environ.get("GREETER_FILE")):
        raise NotConfigured(what="the greeter's letter", how="set GREETER_FILE to the file it should be written to")
    return Path(name)


def _put(path: Path, text: str) -> None:
    """The old letter or the new one, never half of it."""
    draft = path.with_suffix(".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
