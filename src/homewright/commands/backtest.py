"""`homewright backtest`: what would have been suggested for a recorded home, and what that was worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from homewright.session import HomeSession
from kernel.runtime.terminal import Column

if TYPE_CHECKING:
    from homewright.backtest import Outcome
    from kernel.runtime.terminal import Terminal
    from modules.patterns.types import Bounded, Scorecard


@click.command()
@click.argument("log", metavar="LOG", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tz", "zone", required=True, help="The home's IANA zone, like Europe/Berlin.")
@click.option("--lat", "latitude", type=float, help="Degrees north: rules about the sun need it.")
@click.option("--lon", "longitude", type=float, help="Degrees east.")
@click.option("--mine", "mine_weeks", type=float, default=8.0, show_default=True, help="Weeks to find habits in.")
@click.option("--select", "select_weeks", type=float, default=4.0, show_default=True, help="Weeks to choose rules on.")
@click.option("--test", "test_weeks", type=float, default=4.0, show_default=True, help="The newest, to measure on.")
@click.option("--most", "most_suggestions", type=int, default=8, show_default=True, help="Suggestions at most.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the shuffled home.")
@click.option("--null", is_flag=True, help="Take the home's habits out first: then about nothing should be found.")
@click.pass_obj
def backtest(
    session: HomeSession,
    /,
    log: Path,
    zone: str,
    latitude: float | None,
    longitude: float | None,
    null: bool,
    **asked: float | int,
) -> None:
    """Learn from LOG (CSV, .gz, .xz, or a recorder database) in a throw-away folder, and score on its newest weeks."""
    from homewright.backtest import backtest as run
    from modules.patterns.types import LearnRequest, Place

    place = Place(zone=zone, latitude=latitude, longitude=longitude)
    request = LearnRequest(**asked)  # type: ignore[arg-type]
    outcome = session.run(lambda: run(log.absolute(), place, request, null, session.terminal))
    session.terminal.show(outcome.as_json(), lambda: _draw(session.terminal, outcome))


def _draw(terminal: Terminal, outcome: Outcome) -> None:
    report, timing, say = outcome.report, outcome.timing, terminal.say
    split = report.split
    say(f"{outcome.source.name}{', with its habits taken out' if outcome.null else ''}")
    say(
        f"{outcome.held.changes} changes of {outcome.held.entities} entities; in the {split.mine.days:.0f} + "
        f"{split.select.days:.0f} + {split.test.days:.0f} days used, {report.gestures} manual actions. "
        f"Tested {split.test.start:%Y-%m-%d} to {split.test.end:%Y-%m-%d} (UTC)."
    )
    say(
        f"{report.hypotheses} hypotheses, {report.discoveries} beat chance, {report.kept} kept; "
        f"on the shuffled home {report.null_kept} (should be about none)."
    )
    rows = [_row(one.habit.sentence, one.habit.tested) for one in outcome.suggestions]
    rows.append(_row("ALL SUGGESTIONS TOGETHER", report.home))
    rows += [_row(f"baseline: {one.name.replace('_', ' ')}", one.score) for one, _ in outcome.baselines]
    terminal.table("On the test weeks", _COLUMNS, rows)
    say("Saved: manual actions that a firing would have spared. Net: saved minus 1, 2 or 5 times the false, a week.")
    say(
        "Right and recall with their 95 % bounds. An oracle was chosen by looking at the test weeks: a bound, no rival."
    )
    for remark in report.remarks:
        say(f"- {remark}")
    say(
        f"{timing['wall_seconds']:.1f} s, of them {timing['import_seconds']:.1f} importing and "
        f"{timing['learn_seconds']:.1f} learning; {timing['peak_memory_bytes'] / 1e6:.0f} MB at most."
    )


_COLUMNS = (
    "",
    Column("saved", "right"),
    Column("share", "right"),
    Column("a week", "right"),
    Column("false a day", "right"),
    Column("net 1 / 2 / 5", "right"),
    Column("right", "right"),
    Column("recall", "right"),
)


def _row(name: str, card: Scorecard) -> tuple[object, ...]:
    return (
        name,
        card.saved,
        f"{card.saved_share:.0%}",
        f"{card.saved_per_week:.1f}",
        f"{card.false_per_day:.2f}",
        " / ".join(f"{net.per_week:.1f}" for net in card.net),
        _bounds(card.precision),
        _bounds(card.recall),
    )


def _bounds(share: Bounded) -> str:
    return f"{share.hits}/{share.tries} ({share.low:.0%} to {share.high:.0%})" if share.tries else "never tried"
