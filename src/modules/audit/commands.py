"""`homewright audit`: is the trail what was written, what is on it, and a copy of it to keep elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO

import click
import msgspec

from kernel.errors import Invalid
from kernel.runtime.terminal import Session
from modules.audit.facade import Trail
from modules.audit.types import Record, TrailQuestion, Verification

CUT = 60


def commands() -> list[click.Command]:
    return [audit]


@click.group()
def audit() -> None:
    """The tamper-evident trail of everything that the house did."""


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose records."""
    for option in reversed(
        (
            click.option("--topic", help="Like patterns.HabitsFound; may end in *."),
            click.option("--actor", help="Who did it."),
            click.option(
                "--since", help="ISO 8601, like 2026-11-20 or 2026-11-20T07:30:00+01:00; UTC if it has no zone."
            ),
            click.option("--until", help="As --since; exclusive."),
            click.option("--after", "after_sequence", type=click.IntRange(min=0), default=0, help="After this record."),
        )
    ):
        command = option(command)
    return command


@audit.command()
@click.pass_obj
def verify(session: Session, /) -> int:
    """Read the whole chain. Exit code 1 when it is not what was written."""
    trail = session.port(Trail)
    verdict = session.run(trail.verify)
    session.terminal.show(verdict, lambda: session.terminal.say(in_words(verdict)))
    return 0 if verdict.intact else 1


@audit.command()
@_asked
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.pass_obj
def search(session: Session, /, limit: int, **asked: str | None) -> None:
    """Show records, oldest first."""
    trail = session.port(Trail)
    question = _question(asked, limit=limit)
    found = session.run(lambda: trail.search(question))
    session.terminal.show(found, lambda: _draw(session, found))


@audit.command()
@_asked
@click.option("--out", type=click.File("wb", atomic=True, lazy=False), help="A file instead of the terminal.")
@click.pass_obj
def export(session: Session, /, out: BinaryIO | None, **asked: str | None) -> None:
    """Write all records that match as one JSON object per line."""
    trail = session.port(Trail)
    question = _question(asked)
    target = out or sys.stdout.buffer

    async def copy() -> int:
        count = 0
        async for record in trail.export(question):
            target.write(msgspec.json.encode(record) + b"\n")
            count += 1
        return count

    count = session.run(copy)
    if out is not None:
        summary = {"records": count, "file": out.name}
        session.terminal.show(summary, lambda: session.terminal.say(f"{count} records written to {out.name}"))


def in_words(verdict: Verification) -> str:
    """The verdict in a sentence or two."""
    if verdict.first_bad is not None:
        good = f"The {verdict.records} records before it are sound." if verdict.records else "No record is sound."
        return f"BROKEN at record {verdict.first_bad.sequence}: {verdict.first_bad.reason}. {good}"
    if not verdict.records:
        return "The trail is empty."
    return (
        f"Intact: {verdict.records} records, {verdict.checkpoints} checkpoints agree.\n"
        f"Head: {verdict.head} (keep it elsewhere: it proves this trail later)"
    )


def _draw(session: Session, found: tuple[Record, ...]) -> None:
    rows = [
        (
            record.sequence,
            record.envelope.occurred_at.strftime("%Y-%m-%d %H:%M:%S"),
            record.envelope.topic,
            record.envelope.actor,
            _cut(record.envelope.payload),
        )
        for record in found
    ]
    session.terminal.table("", ("record", "UTC", "topic", "actor", "event"), rows)
    if not found:
        session.terminal.say("No record matches.")


def _cut(text: str) -> str:
    return text if len(text) <= CUT else text[: CUT - 1] + "…"


def _question(asked: dict[str, str | None], **more: int) -> TrailQuestion:
    given: dict[str, object] = {name: value for name, value in asked.items() if value is not None}
    times = {name: _instant(name, text) for name in ("since", "until") if (text := asked.get(name)) is not None}
    return msgspec.convert(given | times | more, TrailQuestion)


def _instant(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(where=f"--{name}", expected=f"a time like 2026-11-20T07:30:00+01:00, not {text!r}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
