"""The modules that this house has, lowest first. The one list to extend when a module is added.

Imports are inside the functions: a process that runs one module loads one module, and reading a contract loads none of
the machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import NotFound
from kernel.facade import Facade
from kernel.facade.contract import events_in
from kernel.facade.event import Event

if TYPE_CHECKING:
    import click
    from sqlalchemy import MetaData

    from kernel.runtime.wiring import Assembled, Kit, Ports


@dataclass(frozen=True)
class Surface:
    """What a module shows to others: its facades and its events."""

    facades: tuple[Facade, ...]
    events: tuple[type[Event], ...]


@dataclass(frozen=True)
class Interior:
    """What only the house may touch: the tables and the way to assemble the module."""

    metadata: MetaData
    assemble: Callable[[Kit], Assembled]
    durable: bool = False
    """Whether each commit must survive a power cut (synchronous FULL)."""


NAMES: tuple[str, ...] = ("audit", "patterns", "training", "automation")


def surfaces() -> Mapping[str, Surface]:
    """Every module's surface, by name, lowest module first."""
    import modules.audit
    import modules.automation
    import modules.patterns
    import modules.training

    packages = {
        "audit": modules.audit,
        "patterns": modules.patterns,
        "training": modules.training,
        "automation": modules.automation,
    }
    return {name: Surface(packages[name].FACADES, events_in(packages[name].events)) for name in NAMES}


def interior(name: str) -> Interior:
    """The inside of one module. Raises NotFound."""
    if name == "audit":
        from modules.audit.internal import tables as audit_tables
        from modules.audit.internal import wiring as audit_wiring

        return Interior(audit_tables.metadata, audit_wiring.assemble, durable=True)
    if name == "patterns":
        from modules.patterns.internal import tables as patterns_tables
        from modules.patterns.internal import wiring as patterns_wiring

        return Interior(patterns_tables.metadata, patterns_wiring.assemble)
    if name == "training":
        from modules.training.internal import tables as training_tables
        from modules.training.internal import wiring as training_wiring

        return Interior(training_tables.metadata, training_wiring.assemble)
    if name == "automation":
        from modules.automation.internal import tables as automation_tables
        from modules.automation.internal import wiring as automation_wiring

        return Interior(automation_tables.metadata, automation_wiring.assemble)
    raise NotFound(kind="module", name=name)


def routes(name: str, ports: Ports, data_dir: Path) -> Sequence[Any]:
    """The public REST handlers of one module. Uploads wait in the data folder: the one place that may be written."""
    import modules.audit.routes
    import modules.automation.routes
    import modules.patterns.routes
    import modules.training.routes

    rooms: dict[str, Any] = {
        "audit": modules.audit.routes,
        "patterns": modules.patterns.routes,
        "training": modules.training.routes,
        "automation": modules.automation.routes,
    }
    more = {"spool": data_dir / "patterns" / "spool"} if name == "patterns" else {}
    handlers: Sequence[Any] = rooms[name].routes(ports, **more)
    return handlers


def commands() -> list[click.Command]:
    """The command line of every module."""
    import modules.audit.commands
    import modules.automation.commands
    import modules.patterns.commands
    import modules.training.commands

    rooms = (
        modules.patterns.commands,
        modules.automation.commands,
        modules.training.commands,
        modules.audit.commands,
    )
    return [command for room in rooms for command in room.commands()]


def facade_of(protocol: type) -> Facade:
    """The checked facade of a Protocol. Raises NotFound."""
    for surface in surfaces().values():
        for facade in surface.facades:
            if facade.protocol is protocol:
                return facade
    raise NotFound(kind="facade", name=protocol.__name__)
