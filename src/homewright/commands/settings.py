"""`homewright settings`: what is set, and where it came from."""

from __future__ import annotations

import click

from homewright.session import HomeSession


@click.command()
@click.pass_obj
def settings(session: HomeSession) -> None:
    """Show every setting, its value and its source. Secrets stay hidden."""
    from kernel.runtime.settings import shown

    rows = [
        {"name": row.name, "value": value, "source": source, "effect": row.effect}
        for row, value, source in shown(session.settings())
    ]

    def draw() -> None:
        cells = [(row["name"], row["value"], row["source"]) for row in rows]
        session.terminal.table("Settings", ("name", "value", "source"), cells)

    session.terminal.show(rows, draw)
