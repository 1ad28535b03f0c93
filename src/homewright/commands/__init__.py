"""The commands of the house itself. Those of a module are in its own `commands.py`."""

import click

from homewright.commands.backtest import backtest
from homewright.commands.contracts import contracts
from homewright.commands.demo import demo
from homewright.commands.events import events
from homewright.commands.migrate import migrate
from homewright.commands.modules import modules
from homewright.commands.serve import serve
from homewright.commands.settings import settings
from homewright.commands.switches import switch
from homewright.commands.tokens import token


def house_commands() -> list[click.Command]:
    return [demo, backtest, serve, modules, switch, token, settings, events, migrate, contracts]
