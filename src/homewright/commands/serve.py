"""`homewright serve`: the server."""

from __future__ import annotations

import asyncio
import sys

import click

from homewright.session import HomeSession


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on; 0 takes any free one.")
@click.option("--only", multiple=True, metavar="MODULE", help="Serve this module's facades to other processes only.")
@click.pass_obj
def serve(session: HomeSession, host: str | None, port: int | None, only: tuple[str, ...]) -> None:
    """Run the house as a server until it is told to stop (SIGTERM, Ctrl-C)."""
    import uvloop

    from homewright.server import serve_house

    settings = session.settings(**{"server.host": host, "server.port": port})

    def ready(address: str) -> None:
        what = f"the modules {', '.join(only)}" if only else "the house"
        session.terminal.say(f"Serving {what} at {address}")
        sys.stdout.flush()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_house(settings, only, ready))
