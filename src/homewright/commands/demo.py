"""`homewright demo`: the main job on a home that nobody lives in."""

from __future__ import annotations

from pathlib import Path

import click

from homewright.session import HomeSession


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed is another home.")
@click.option("--weeks", type=click.IntRange(6, 104), default=12, show_default=True)
@click.pass_obj
def demo(session: HomeSession, folder: Path, seed: int, weeks: int) -> None:
    """Simulate a small home, import its past, learn, and print what is suggested, with evidence and scores."""
    from homewright.demo import show_demo

    show_demo(session, click.get_current_context().find_root().command, folder, seed, weeks)
