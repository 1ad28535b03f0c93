"""`homewright …`: the whole command line. Each module brings its own commands; the face adds those of the house."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from homewright import registry
from homewright.commands import house_commands
from homewright.session import HomeSession, Options
from homewright.version import VERSION
from kernel.runtime.observe import set_up_logs
from kernel.runtime.settings.tree import LogSettings
from kernel.runtime.terminal import invoke

_EPILOG = (
    "Every command takes --json. Settings: docs/settings.md. "
    "Without --url a command works on the data folder itself, beside a running server if there is one."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@click.version_option(VERSION, prog_name="homewright")
@click.option("--data-dir", metavar="FOLDER", help="The folder that holds everything (HOMEWRIGHT_DATA_DIR).")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="A TOML file (HOMEWRIGHT_CONFIG).")
@click.option("--url", metavar="URL", help="Work on the house that is served there, instead of a folder.")
@click.option("--token-file", type=click.Path(path_type=Path), help="The file with the token for --url.")
@click.pass_obj
def cli(
    session: HomeSession, data_dir: str | None, config: Path | None, url: str | None, token_file: Path | None
) -> None:
    """Learns how a home is lived in, and proposes automations that it has replayed on that home's past."""
    session.options = Options(data_dir, config, url, token_file)


def main(argv: Sequence[str] | None = None) -> None:
    """The console script. Exit codes: 0 done, 1 failed, 2 wrongly asked, 130 interrupted."""
    set_up_logs(LogSettings(level="warning"))
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy is loaded later: idle threads of BLAS cost memory
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """As `main`, for callers in Python: gives the exit code."""
    return invoke(whole(), argv, HomeSession)


def whole() -> click.Group:
    """The command line with the modules' and the plugins' commands."""
    group = click.Group(cli.name, params=cli.params, callback=cli.callback, help=cli.help, epilog=cli.epilog)
    group.context_settings = cli.context_settings
    for command in [*house_commands(), *registry.commands(), *_of_plugins()]:
        if command.name and command.name not in group.commands:
            group.add_command(command)
    return group


def _of_plugins() -> list[click.Command]:
    from homewright.plugins import Plugins
    from kernel.runtime.settings import BadSettings, load

    try:
        return Plugins.found(load(os.environ)).commands()
    except BadSettings:
        return []  # said when a command asks for its settings
