"""`homewright switch`: move a facade to another process and back."""

from __future__ import annotations

from datetime import datetime

import click

from homewright.session import HomeSession


@click.command()
@click.argument("facade")
@click.argument("state", required=False, type=click.Choice(["local", "remote"]))
@click.option("--peer", metavar="URL", help="The process that runs the facade (homewright serve --only …).")
@click.option("--operation", metavar="NAME", help="Only this operation of the facade.")
@click.option("--reason", default="by hand", show_default=True, help="Kept with the change.")
@click.pass_obj
def switch(
    session: HomeSession, facade: str, state: str | None, peer: str | None, operation: str | None, reason: str
) -> None:
    """Send the calls of FACADE (patterns/Replay) here or to another process; without STATE, show its history.

    A running server follows within two seconds. No call fails: those under way end where they began.
    """
    one = session.house().switch(facade)
    if state is not None:
        from kernel.facade import current

        async def flip() -> None:
            who = current().principal
            by = who.name if who else "terminal"
            await one.flip(state, peer_url=peer, operation=operation, by=by, reason=reason)  # type: ignore[arg-type]

        session.run(flip)
    history = session.run(one.history)

    def draw() -> None:
        rows = [
            (_second(row.changed_at), row.operation or "(all)", row.state, row.peer_url, row.changed_by, row.reason)
            for row in history
        ]
        if rows:
            session.terminal.table(facade, ("when (UTC)", "operation", "state", "peer", "by", "reason"), rows)
        else:
            session.terminal.say(f"{facade} has been local from the start.")

    session.terminal.show(history, draw)


def _second(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")
