"""`homewright simulate`: a home that nobody lives in, and what is true of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import click
import msgspec

from kernel.errors import Invalid
from kernel.runtime.terminal import Session
from modules.training.facade import Training
from modules.training.types import HomeType, Simulated, SimulationRequest


def commands() -> list[click.Command]:
    return [simulate]


@click.command()
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed is another home.")
@click.option("--weeks", type=int, default=12, show_default=True)
@click.option("--type", "home_type", type=click.Choice(get_args(HomeType)), default="couple", show_default=True)
@click.option("--null", is_flag=True, help="The same home with its habits taken out.")
@click.option("--from", "first_day", help="A Monday, like 2026-01-05. Without it the seed chooses one.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="A folder; else one below the data folder."
)
@click.option("--xz", "packed", is_flag=True, help="Pack the history.")
@click.pass_obj
def simulate(session: Session, /, out: Path | None, **asked: Any) -> None:
    """Write the past of a simulated home as history.csv, and what is true of it as truth.json."""
    request = _request(folder=None if out is None else str(out.absolute()), **asked)
    training = session.port(Training)

    async def work() -> Simulated | None:
        job = await training.simulate(request)

        async def ask() -> Any:
            return (await training.simulation(job.id)).job

        await session.terminal.follow("Simulating", ask)
        return (await training.simulation(job.id)).simulated

    simulated = session.run(work)
    session.terminal.show(simulated, lambda: _draw(session, simulated))


def _request(**asked: Any) -> SimulationRequest:
    try:
        return msgspec.convert(asked, SimulationRequest)
    except Invalid:
        raise
    except msgspec.ValidationError as problem:
        raise Invalid(where="options", expected=str(problem)) from None


def _draw(session: Session, simulated: Simulated | None) -> None:
    say = session.terminal.say
    if simulated is None:
        say("The simulation left nothing.")
        return
    name = simulated.home_type.replace("_", " ") + (" without habits" if simulated.null else "")
    start = simulated.start.astimezone(ZoneInfo(simulated.zone))
    say(
        f"{name}, {simulated.weeks} weeks from {start:%Y-%m-%d}, seed {simulated.seed}: "
        f"{simulated.changes} changes of {simulated.entities} things."
    )
    say(f"History  {simulated.history}")
    say(f"Truth    {simulated.truth} ({simulated.habits} planted habits; no miner reads it)")
    place = f"--tz {simulated.zone} --lat {simulated.latitude} --lon {simulated.longitude}"
    say(f"Next     homewright import {simulated.history} {place}")
