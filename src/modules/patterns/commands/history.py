"""`homewright history …`: what the past answers. Times are the home's own, typed and shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from kernel.errors import Invalid
from kernel.runtime.terminal import Column, Session
from modules.patterns.commands.options import instant, request_of
from modules.patterns.facade import History
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    Duration,
    DurationQuestion,
    HomeState,
    HourCounts,
    LastChange,
    LastQuestion,
    StateChange,
    TimelineQuestion,
)

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FROM = click.option("--from", "start", help="2026-11-20T07:30, in the home's zone if none is said.")
_TO = click.option("--to", "end", help="The same, exclusive.")


@click.group()
def history() -> None:
    """Ask the recorded past."""


@history.command()
@click.argument("entity_id", metavar="ENTITY")
@click.argument("state", required=False)
@click.option("--before", help="Only what happened before then.")
@click.pass_obj
def last(session: Session, /, entity_id: str, state: str | None, before: str | None) -> None:
    """When ENTITY last changed, or last came into STATE."""
    recorded, zone = _opened(session)
    question = request_of(LastQuestion, entity_id=entity_id, state=state, before=instant("--before", before, zone))
    found = session.run(lambda: recorded.last_change(question))
    session.terminal.show(found, lambda: session.terminal.say(_last(found, zone)))


@history.command()
@click.argument("entity_id", metavar="ENTITY")
@click.argument("state")
@_FROM
@_TO
@click.pass_obj
def duration(session: Session, /, entity_id: str, state: str, start: str | None, end: str | None) -> None:
    """How long ENTITY was in STATE; without --from and --to: in the whole record."""
    recorded, zone = _opened(session)
    held = session.run(recorded.summary)
    since, until = instant("--from", start, zone) or held.first, instant("--to", end, zone) or held.last
    if since is None or until is None:
        raise Invalid(where="the history", expected="something in it: `homewright import FILE` first")
    question = request_of(DurationQuestion, entity_id=entity_id, state=state, window={"start": since, "end": until})
    spent = session.run(lambda: recorded.duration(question))
    session.terminal.show(spent, lambda: session.terminal.say(_duration(spent, zone)))


@history.command()
@click.argument("entity_id", metavar="ENTITY")
@click.argument("state", required=False)
@_FROM
@_TO
@click.option("--origin", "origins", multiple=True, type=click.Choice(("manual", "automation", "unknown")))
@click.pass_obj
def counts(
    session: Session, /, entity_id: str, state: str | None, start: str | None, end: str | None, origins: tuple[str, ...]
) -> None:
    """How often ENTITY changed (into STATE), by weekday and hour."""
    recorded, zone = _opened(session)
    question = request_of(
        CountsQuestion,
        entity_id=entity_id,
        state=state,
        start=instant("--from", start, zone),
        end=instant("--to", end, zone),
        origins=origins,
    )
    counted = session.run(lambda: recorded.counts(question))
    session.terminal.show(counted, lambda: _draw_counts(session, counted))


@history.command("as-of")
@click.argument("at", metavar="TIME")
@click.argument("entity_ids", metavar="[ENTITY]...", nargs=-1)
@click.pass_obj
def as_of(session: Session, /, at: str, entity_ids: tuple[str, ...]) -> None:
    """The state of the home at TIME."""
    recorded, zone = _opened(session)
    question = request_of(AsOfQuestion, at=instant("TIME", at, zone), entity_ids=entity_ids)
    stood = session.run(lambda: recorded.as_of(question))
    session.terminal.show(stood, lambda: _draw_home(session, stood, zone))


@history.command()
@click.argument("entity_ids", metavar="[ENTITY]...", nargs=-1)
@_FROM
@_TO
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.pass_obj
def timeline(session: Session, /, entity_ids: tuple[str, ...], start: str | None, end: str | None, limit: int) -> None:
    """The changes, in the order of time."""
    recorded, zone = _opened(session)
    question = request_of(
        TimelineQuestion,
        start=instant("--from", start, zone),
        end=instant("--to", end, zone),
        entity_ids=entity_ids,
        limit=limit,
    )

    async def work() -> list[StateChange]:
        return [change async for change in recorded.timeline(question)]

    changes = session.run(work)
    rows = [(_clock(change.at, zone), change.entity_id, change.state, change.origin) for change in changes]
    session.terminal.show(changes, lambda: session.terminal.table("", ("at", "entity", "state", "origin"), rows))


def _opened(session: Session) -> tuple[History, ZoneInfo]:
    """The history, and the zone of the home's clock."""
    recorded = session.port(History)
    return recorded, ZoneInfo(session.run(recorded.summary).place.zone)


def _last(found: LastChange | None, zone: ZoneInfo) -> str:
    if found is None:
        return "Never, as far as the record goes."
    at = _clock(found.at, zone)
    if found.from_state is None:
        return f"{found.entity_id} was {found.state} when it was first seen, at {at}; no change of it is recorded."
    return f"{found.entity_id} went from {found.from_state} to {found.state} at {at} ({found.origin})."


def _duration(spent: Duration, zone: ZoneInfo) -> str:
    window = f"from {_clock(spent.window.start, zone)} to {_clock(spent.window.end, zone)}"
    if spent.share is None:
        return f"Nothing is known of {spent.entity_id} {window}."
    known = "all of it known" if not spent.unknown_seconds else f"{_long(spent.unknown_seconds)} not known"
    return (
        f"{spent.entity_id} was {spent.state} for {_long(spent.seconds)} {window} ({known}): "
        f"{spent.share:.1%} of the known time; it came into it {spent.entered} times."
    )


def _draw_counts(session: Session, counted: HourCounts) -> None:
    columns: list[Column | str] = [
        "",
        *(Column(f"{hour:02}", "right") for hour in range(24)),
        Column("all", "right"),
        Column("a day", "right"),
    ]
    rows: list[tuple[Any, ...]] = []
    for name, day, days in zip(_WEEKDAYS, counted.hours, counted.days, strict=True):
        per_day = f"{sum(day) / days:.1f}" if days else ""
        rows.append((name, *(count or "·" for count in day), sum(day), per_day))
    what = counted.entity_id + (f" to {counted.state}" if counted.state is not None else "")
    session.terminal.table(f"{what}: {counted.total} changes, local time ({counted.zone})", columns, rows)


def _draw_home(session: Session, stood: HomeState, zone: ZoneInfo) -> None:
    if stood.known_until is not None and stood.known_until < stood.at:
        session.terminal.say(f"The record ends at {_clock(stood.known_until, zone)}; what came after it is not known.")
    rows = [
        (one.entity_id, one.state, ("before " if one.at_least else "") + _clock(one.since, zone), one.origin)
        for one in stood.entities
    ]
    columns = ("entity", "state", "since", "origin")
    session.terminal.table(f"The home at {_clock(stood.at, zone)}", columns, rows)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _long(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
