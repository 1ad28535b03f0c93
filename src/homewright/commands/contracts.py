"""`homewright contracts`: what the modules promise, written down, and compared with what was released."""

from __future__ import annotations

from pathlib import Path

import click

from homewright.session import HomeSession


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("contracts"), show_default=True)
@click.option("--write", is_flag=True, help="Write the contracts of this code into the folder.")
@click.option("--release", is_flag=True, help="Make them the baseline that later versions are compared with.")
@click.pass_obj
def contracts(session: HomeSession, folder: Path, write: bool, release: bool) -> None:
    """Compare the contracts of this code with the folder's: are they committed, and does a change break anybody?

    Exit code 1 if a file is not what the code says, or if a change breaks callers or readers of the release.
    """
    from homewright.contract_files import compare, release_all, write_all

    changed = session.run(lambda: write_all(folder)) if write else []
    if release:
        release_all(folder)
    found = session.run(lambda: compare(folder))

    def draw() -> None:
        for path in changed:
            session.terminal.say(f"wrote {path}")
        for one in found:
            session.terminal.say(str(one), style="" if one.only_told else "red")
        if all(one.only_told for one in found):
            session.terminal.say(f"{folder} holds what the code promises, and nothing in it breaks the release.")

    session.terminal.show({"changed": changed, "differences": found}, draw)
    if not all(one.only_told for one in found):
        click.get_current_context().exit(1)
