"""`homewright contracts`: what the modules promise, written down, and compared with what was released."""

from __future__ import annotations

from pathlib import Path

import click

from homewright import registry
from homewright.session import HomeSession


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("contracts"), show_default=True)
@click.option("--write", is_flag=True, help="Write the contracts of this code into the folder.")
@click.option("--release", is_flag=True, help="Make them the baseline that later versions are compared with.")
@click.pass_obj
def contracts(session: HomeSession, folder: Path, write: bool, release: bool) -> None:
    """Compare the contracts of this code with the folder's: are they committed, and does anything break a caller?"""
    from homewright.contract_files import compare, put_down, set_baseline

    surfaces = registry.surfaces()
    if write:
        put_down(surfaces, folder)
    if release:
        set_baseline(surfaces, folder)
    found = compare(surfaces, folder)

    def draw() -> None:
        for change in found.changes:
            session.terminal.say(change.sentence, style="red" if change.breaks else "")
        for difference in found.uncommitted:
            session.terminal.warn(difference)
        if not found.uncommitted:
            session.terminal.say(f"{folder} holds the contracts of this code ({len(surfaces)} modules).")

    session.terminal.show(found, draw)
    if found.uncommitted or any(change.breaks for change in found.changes):
        click.get_current_context().exit(1)
