"""`homewright suggest`: what the house proposes, why, and what it would have been worth; over facades only."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from kernel.errors import Invalid
from kernel.runtime.terminal import Session
from modules.automation.commands.cards import card, nothing
from modules.automation.facade import Suggestions
from modules.automation.types import Suggestion, SuggestionQuestion
from modules.patterns import History, Patterns


def commands() -> list[click.Command]:
    return [suggest]


@click.group(invoke_without_command=True)
@click.option("--yaml", "with_yaml", is_flag=True, help="Show each automation as Home Assistant YAML.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write all automations to this file.")
@click.option("--all", "every", is_flag=True, help="Dismissed and expired ones too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@click.pass_context
def suggest(ctx: click.Context, /, with_yaml: bool, out: Path | None, every: bool, limit: int) -> None:
    """Show what the house proposes: when it happens, and what it would have saved on weeks never seen."""
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    found = _found(session, SuggestionQuestion(states=() if every else ("new",), limit=limit))
    if out is not None:
        _write(out, found)
    if found:
        zone = _zone(session)
        session.terminal.show(found, lambda: _draw(session, found, zone, with_yaml))
    else:
        _say_why_not(session)
    if out is not None:
        session.terminal.say(
            f"{len(found)} automations written to {out}: append it to Home Assistant's automations.yaml."
        )


@suggest.command()
@click.argument("suggestion_id", metavar="ID")
@click.option("--reason", default="", help="For your own memory.")
@click.pass_obj
def dismiss(session: Session, /, suggestion_id: str, reason: str) -> None:
    """Never show a suggestion again, whatever is learned later."""
    suggestions = session.port(Suggestions)
    dismissed = session.run(lambda: suggestions.dismiss(suggestion_id, reason))
    session.terminal.show(dismissed, lambda: session.terminal.say(f"Dismissed: {dismissed.habit.sentence}"))


def _found(session: Session, question: SuggestionQuestion) -> tuple[Suggestion, ...]:
    """Those of the last learning, also when its event is still on its way."""
    suggestions = session.port(Suggestions)

    async def ask() -> tuple[Suggestion, ...]:
        await suggestions.refresh()
        return await suggestions.suggestions(question)

    return session.run(ask)


def _write(out: Path, found: tuple[Suggestion, ...]) -> None:
    """One file that Home Assistant can take as its automations.yaml."""
    try:
        out.write_text("\n".join(suggestion.automation.yaml for suggestion in found) or "[]\n", "utf-8")
    except OSError as problem:
        raise Invalid(where="--out", expected=f"a file that can be written ({problem.strerror}: {out})") from None


def _zone(session: Session) -> ZoneInfo:
    history = session.port(History)
    return ZoneInfo(session.run(history.summary).place.zone)


def _draw(session: Session, found: tuple[Suggestion, ...], zone: ZoneInfo, with_yaml: bool) -> None:
    for number, suggestion in enumerate(found, start=1):
        for line in card(number, suggestion, zone):
            session.terminal.say(line)
        if with_yaml:
            session.terminal.say()
            session.terminal.say(suggestion.automation.yaml.rstrip())
        session.terminal.say()


def _say_why_not(session: Session) -> None:
    """No suggestion is an answer too: the learning's own figures and remarks say how it came to it."""
    patterns = session.port(Patterns)
    report = session.run(patterns.habits).report
    lines = nothing(report)
    answer: dict[str, Any] = {"suggestions": [], "why": lines, "report": report}
    session.terminal.show(answer, lambda: session.terminal.say("\n".join(lines)))
