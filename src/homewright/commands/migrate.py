"""`homewright migrate`: bring the databases to this version's tables."""

from __future__ import annotations

import asyncio

import click

from homewright import registry
from homewright.session import HomeSession


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if a table is not as this version wants it.")
@click.pass_obj
def migrate(session: HomeSession, check: bool) -> None:
    """Upgrade every module's tables. The server does this by itself when it starts."""
    from kernel.data import migrate as data
    from kernel.runtime import tables as kernel_tables

    settings = session.settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    metadata = {"kernel": kernel_tables.metadata}
    metadata |= {name: registry.interior(name).metadata for name in registry.NAMES}

    async def each() -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        for name, tables in metadata.items():
            url = settings.database_url(name)
            before = await asyncio.to_thread(data.current, name, url)
            if not check:
                await asyncio.to_thread(data.upgrade, name, url, tables)
            differences = await asyncio.to_thread(data.check, name, url, tables)
            after = await asyncio.to_thread(data.current, name, url)
            found.append({"module": name, "before": before, "after": after, "differences": list(differences)})
        return found

    found = session.run(each)

    def draw() -> None:
        rows = [(row["module"], row["before"], row["after"], len(row["differences"])) for row in found]  # type: ignore[arg-type]
        session.terminal.table("Migrations", ("module", "was at", "is at", "differences"), rows)
        for row in found:
            for difference in row["differences"]:  # type: ignore[attr-defined]
                session.terminal.warn(f"{row['module']}: {difference}")

    session.terminal.show(found, draw)
    if any(row["differences"] for row in found):
        click.get_current_context().exit(1)
