"""`homewright modules`: what runs where."""

from __future__ import annotations

import click

from homewright.session import HomeSession


@click.command()
@click.pass_obj
def modules(session: HomeSession) -> None:
    """List the modules, their facades, and where the calls of each facade go."""
    from homewright.house import modules_of

    house = session.house()
    found = modules_of(house)
    plugins = {"loaded": sorted(house.plugins.loaded), "broken": house.plugins.broken}

    def draw() -> None:
        rows = [
            (module["module"], row["facade"].partition("/")[2], row["operations"], row["state"], row["peer_url"])
            for module in found
            for row in module["facades"]
        ]
        session.terminal.table("Modules", ("module", "facade", "operations", "calls go", "peer"), rows)
        for name in plugins["loaded"]:
            session.terminal.say(f"plugin {name}: loaded")
        for name, why in house.plugins.broken.items():
            session.terminal.warn(f"plugin {name}: left out: {why}")

    session.terminal.show({"modules": found, "plugins": plugins}, draw)
