"""`homewright events`: what did not arrive, and how to send it again."""

from __future__ import annotations

import click

from homewright.session import HomeSession
from kernel.errors import NotFound


@click.group()
def events() -> None:
    """Look at events that wait, are parked, or could not be taken."""


@events.command("list")
@click.pass_obj
def list_events(session: HomeSession) -> None:
    """List dead letters (with what the consumer said) and parked events, by module."""
    house = session.house()

    async def gather() -> dict[str, object]:
        return {
            name: {"dead": await one.dead_letters(), "parked": await one.parked(), "waiting": await one.backlog()}
            for name, one in house.dispatchers.items()
        }

    found = session.run(gather)

    def draw() -> None:
        rows = [
            (name, kind, *row)
            for name, kinds in found.items()
            for kind, row in _rows(kinds)  # type: ignore[arg-type]
        ]
        if rows:
            session.terminal.table("Events", ("module", "state", "event", "topic", "consumer", "problem"), rows)
        else:
            session.terminal.say("Everything was delivered.")

    session.terminal.show(found, draw)


@events.command()
@click.argument("module")
@click.argument("event_id")
@click.argument("consumer")
@click.pass_obj
def replay(session: HomeSession, module: str, event_id: str, consumer: str) -> None:
    """Deliver the dead letter EVENT_ID of MODULE to CONSUMER again."""
    house = session.house()
    if module not in house.dispatchers:
        raise NotFound(kind="module", name=module)
    session.run(lambda: house.dispatchers[module].replay(event_id, consumer))
    session.terminal.show({"state": "waiting"}, lambda: session.terminal.say("It waits to be delivered again."))


def _rows(kinds: dict[str, tuple]) -> list[tuple[str, tuple[object, ...]]]:  # type: ignore[type-arg]
    dead = [("dead", (one.envelope.id, one.envelope.topic, one.consumer, one.problem)) for one in kinds["dead"]]
    parked = [("parked", (one.id, one.topic, None, "nobody handles it yet")) for one in kinds["parked"]]
    return [*dead, *parked]
