"""`homewright import`, `learn`, `replay` and `history`: the past, its habits, what a rule would be worth."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from kernel.facade.codec import decode
from kernel.runtime.terminal import Column, Session
from modules.patterns.commands.history import history
from modules.patterns.commands.options import given, instant, request_of
from modules.patterns.facade import History, Patterns, Replay
from modules.patterns.types import (
    Bounded,
    Habit,
    Habits,
    ImportReport,
    ImportRequest,
    LearnReport,
    LearnRequest,
    Rule,
    Scorecard,
    Window,
)


def commands() -> list[click.Command]:
    return [import_, learn, replay, history]


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tz", "zone", help="The home's IANA zone, like Europe/Berlin. A CSV file needs it.")
@click.option("--lat", "latitude", type=float, help="Degrees north: rules about the sun need it.")
@click.option("--lon", "longitude", type=float, help="Degrees east.")
@click.option("--format", "format_", type=click.Choice(("auto", "csv", "recorder")), default="auto", show_default=True)
@click.pass_obj
def import_(
    session: Session, /, file: Path, zone: str | None, latitude: float | None, longitude: float | None, format_: str
) -> None:
    """Import the past from FILE: CSV (plain, .gz, .xz) or Home Assistant's home-assistant_v2.db."""
    place = {"zone": zone, "latitude": latitude, "longitude": longitude}
    request = request_of(ImportRequest, path=str(file.absolute()), format=format_, place=given(place) or None)
    recorded = session.port(History)

    async def work() -> ImportReport | None:
        job = await recorded.import_file(request)

        async def ask() -> Any:
            return (await recorded.import_status(job.id)).job

        await session.terminal.follow("Importing", ask)
        return (await recorded.import_status(job.id)).report

    report = session.run(work)
    session.terminal.show(report, lambda: _draw_import(session, report))


@click.command()
@click.option("--mine-weeks", type=float, default=8.0, show_default=True, help="To find habits in.")
@click.option("--select-weeks", type=float, default=4.0, show_default=True, help="To choose rules by replay on.")
@click.option("--test-weeks", type=float, default=4.0, show_default=True, help="The newest, to measure them on once.")
@click.option("--rate", "false_discovery_rate", type=float, default=0.05, show_default=True, help="Of false discovery.")
@click.option("--most", "most_suggestions", type=int, default=8, show_default=True, help="Habits to keep.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the shuffled home.")
@click.pass_obj
def learn(session: Session, /, **asked: float | int) -> None:
    """Find habits, prove them on later weeks, and say what they are worth."""
    request = request_of(LearnRequest, **asked)
    patterns = session.port(Patterns)

    async def work() -> Habits:
        job = await patterns.learn(request)

        async def ask() -> Any:
            return (await patterns.learning(job.id)).job

        await session.terminal.follow("Learning", ask)
        return await patterns.habits()

    learned = session.run(work)
    session.terminal.show(learned, lambda: _draw_habits(session, learned))


@click.command()
@click.argument("rule_file", metavar="RULE.json", type=click.File("rb"))
@click.option("--from", "start", help="ISO 8601; UTC if it has no zone. Without it: from the first change on.")
@click.option("--to", "end", help="ISO 8601, exclusive. Without it: to the last change.")
@click.option("--firings", is_flag=True, help="List each time at which it would have run.")
@click.pass_obj
def replay(session: Session, /, rule_file: BinaryIO, start: str | None, end: str | None, firings: bool) -> None:
    """Run the rule in RULE.json (- for stdin) on the recorded past and score it."""
    rule: Rule = decode(rule_file.read(), Rule, what=rule_file.name)
    since, until = instant("--from", start), instant("--to", end)
    past, recorded = session.port(Replay), session.port(History)

    async def work() -> tuple[Scorecard, list[Any]]:
        held = await recorded.summary()
        first = held.first or datetime(1970, 1, 1, tzinfo=UTC)
        window = Window(start=since or first, end=until or _after(held.last))
        card = await past.replay(rule, window)
        return card, [firing async for firing in past.firings(rule, window)] if firings else []

    card, runs = session.run(work)
    result = {"scorecard": card, "firings": runs} if firings else card
    session.terminal.show(result, lambda: _draw_replay(session, rule, card, runs))


def _many(count: int, what: str) -> str:
    """1 row, 2,000 rows, 3 entities."""
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count:,} {what if count == 1 else plural}"


def _draw_import(session: Session, report: ImportReport | None) -> None:
    say = session.terminal.say
    if report is None:
        say("The import left no report.")
        return
    if report.already_known:
        say("This file had been imported before; nothing was added.")
    say(
        f"{_many(report.rows, 'row')} of {_many(report.entities, 'entity')} read from {report.source} "
        f"({report.format}): {report.added:,} added, {report.duplicates:,} known already, {report.skipped:,} left out."
    )
    if report.first and report.last:
        say(f"They reach from {_day(report.first)} to {_day(report.last)} (UTC).")
    rows = [(note.kind.replace("_", " "), note.count, note.first_row, note.example) for note in report.notes]
    if rows:
        columns = ("noticed", Column("times", "right"), Column("first at row", "right"), "example")
        session.terminal.table("", columns, rows)


def _draw_habits(session: Session, learned: Habits) -> None:
    if learned.report is not None:
        _draw_report(session, learned.report)
    if not learned.habits:
        session.terminal.say("No habit is kept: nothing here would save more actions than it gets wrong.")
        return
    columns = (
        "habit",
        Column("days", "right"),
        Column("by chance", "right"),
        Column("right when selected", "right"),
        Column("right when tested", "right"),
        Column("saved a week", "right"),
        Column("wrong a day", "right"),
    )
    session.terminal.table("Habits, best first", columns, [_row(habit) for habit in learned.habits])
    session.terminal.say(
        "Right: the share of firings that would have spared somebody the action, with its 95 % bounds."
    )


def _row(habit: Habit) -> tuple[object, ...]:
    evidence, tested = habit.evidence, habit.tested
    return (
        habit.sentence,
        f"{evidence.support_days}/{evidence.possible_days}",
        f"{evidence.expected_days:.1f}",
        _bounds(habit.selected.precision),
        _bounds(tested.precision),
        f"{tested.saved_per_week:.1f}",
        f"{tested.false_per_day:.2f}",
    )


def _draw_report(session: Session, report: LearnReport) -> None:
    say, split, home = session.terminal.say, report.split, report.home
    say(
        f"{report.gestures} manual actions on {report.days_with_events} days. Mined {_span(split.mine)}, "
        f"selected {_span(split.select)}, tested {_span(split.test)} (UTC)."
    )
    say(
        f"{report.hypotheses} hypotheses tried, {report.discoveries} beat chance, {report.kept} kept; "
        f"on the shuffled home {report.null_kept} (should be about none)."
    )
    if report.kept:
        say(
            f"Together, in the test weeks: {home.saved} of {home.gestures} actions saved ({home.saved_share:.0%}, "
            f"{home.saved_per_week:.1f} a week), {home.false_per_day:.2f} wrong a day."
        )
    for remark in report.remarks:
        say(f"- {remark}")


def _draw_replay(session: Session, rule: Rule, card: Scorecard, runs: list[Any]) -> None:
    rows = [
        ("days with events", card.days_with_events),
        ("manual actions of the home / of this kind", f"{card.gestures} / {card.target_gestures}"),
        ("firings / that change something", f"{card.firings} / {card.effective_firings}"),
        ("saved / at once", f"{card.saved} / {card.saved_strict}"),
        ("false", f"{card.false_firings} ({card.false_per_day:.2f} a day)"),
        ("right", _bounds(card.precision)),
        ("of these actions saved", _bounds(card.recall)),
        *((f"net saving a week, a false one counting {net.weight:g}", f"{net.per_week:.1f}") for net in card.net),
    ]
    session.terminal.table(f"{rule.name}, {_span(card.window)}", ("", Column("", "right")), rows)
    if runs:
        told = [(run.at.strftime("%Y-%m-%d %H:%M:%S"), _outcome(run)) for run in runs]
        session.terminal.table("Firings (UTC)", ("at", "would have"), told)


def _outcome(run: Any) -> str:
    if run.saved:
        return "saved an action"
    return "been wrong" if run.effective else "changed nothing"


def _bounds(share: Bounded) -> str:
    if not share.tries:
        return "never tried"
    return f"{share.hits}/{share.tries} ({share.low:.0%} to {share.high:.0%})"


def _span(window: Window) -> str:
    return f"{_day(window.start)} to {_day(window.end)}"


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


def _after(last: datetime | None) -> datetime:
    """Just after the last change: windows are half-open."""
    return datetime.fromtimestamp(last.timestamp() + 1, UTC) if last else datetime.now(UTC)
