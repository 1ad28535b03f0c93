"""Violations of the import contracts: each is seeded into a copy of the tree, and must be seen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Violation(NamedTuple):
    """`source` is appended to `file` (made if it is not there); `contract` breaks, and its report names `sight`.

    `beside` are further files that it needs to be a violation; harmless by themselves.
    """

    fact: str
    contract: str
    file: str
    source: str
    sight: str
    beside: Mapping[str, str] = MappingProxyType({})


ENTERED = "A module is entered only through its facade"
ORDER = "Modules depend downwards only"
PUBLIC = "Outside of a module: routes and commands, facade, events, types and errors"
PRIVATE = "Inside of a module: wiring, service, store, domain"
VALUES = "Facades speak values, not frameworks"
KERNEL = "The kernel is layered"
SQL = "SQL stays in stores"
SERVED = "HTTP is served only at the edge"
SPOKEN = "HTTP is spoken only by the client and by adapters"
ROOT = "Only the composition root goes inside a module"

ROOMS = (
    "facade",
    "events",
    "types",
    "errors",
    "internal/__init__",
    "internal/wiring",
    "internal/domain",
    "internal/tables",
)
"""What a module has at least."""

BETWEEN = (
    Violation(
        "the kernel imports a module",
        "The kernel knows no module",
        "kernel/facade/values.py",
        "import modules.audit",
        "kernel.facade.values -> modules.audit",
    ),
    Violation(
        "the kernel imports the face",
        "The kernel knows no module",
        "kernel/runtime/wiring.py",
        "import homewright.registry",
        "kernel.runtime.wiring -> homewright.registry",
    ),
    Violation(
        "a module imports the face",
        "The face knows the modules, the modules know the kernel",
        "modules/audit/internal/service.py",
        "import homewright.registry",
        "modules.audit.internal.service -> homewright.registry",
    ),
    Violation(
        "a lower module imports a higher one",
        ORDER,
        "modules/audit/facade.py",
        "import modules.patterns",
        "modules.audit.facade -> modules.patterns",
    ),
    Violation(
        "a lower module reads a higher one's event",
        ORDER,
        "modules/patterns/internal/service/seeded.py",
        "from modules.automation.events import AutomationEvent",
        "modules.patterns.internal.service.seeded -> modules.automation.events",
    ),
    Violation(
        "a module has no place in the order",
        ORDER,
        "modules/weather/__init__.py",
        '"""A module that nobody declared."""',
        "modules.weather",
        {f"modules/weather/{room}.py": "" for room in ROOMS},
    ),
    Violation(
        "the kernel goes inside a module",
        ENTERED,
        "kernel/runtime/wiring.py",
        "from modules.patterns.internal import domain",
        "kernel.runtime.wiring -> modules.patterns.internal.domain",
    ),
    Violation(
        "a facade goes inside another module",
        ENTERED,
        "modules/automation/facade.py",
        "from modules.patterns.internal.domain import log",
        "modules.automation.facade -> modules.patterns.internal.domain.log",
    ),
    Violation(
        "a service uses another module's store",
        ENTERED,
        "modules/automation/internal/service.py",
        "from modules.audit.internal import store as theirs",
        "modules.automation.internal.service -> modules.audit.internal.store",
    ),
    Violation(
        "a module imports another module's tables",
        ENTERED,
        "modules/automation/internal/store.py",
        "from modules.patterns.internal.tables import metadata as theirs",
        "modules.automation.internal.store -> modules.patterns.internal.tables",
    ),
    Violation(
        "the face goes inside a module, lazily",
        ROOT,
        "homewright/fleet.py",
        "def peek():\n    from modules.patterns.internal import tables\n    return tables",
        "homewright.fleet -> modules.patterns.internal.tables",
    ),
    Violation(
        "the composition root takes a store",
        "The composition root sees wiring and tables, no other room",
        "homewright/registry.py",
        "from modules.audit.internal import store",
        "homewright.registry -> modules.audit.internal.store",
    ),
    Violation(
        "a package file re-exports what is internal",
        "A package file re-exports nothing internal",
        "modules/audit/__init__.py",
        "from modules.audit.internal import service",
        "modules.audit -> modules.audit.internal.service",
    ),
    Violation(
        "a module calls another module's routes",
        "Routes and commands are called by the face alone",
        "modules/automation/internal/service.py",
        "import modules.patterns.routes",
        "modules.automation.internal.service -> modules.patterns.routes",
    ),
    Violation(
        "the simulated home knows the miners",
        "The simulated home and the miners know nothing of each other",
        "modules/training/internal/simulation/habits.py",
        "from modules.patterns.types import Habit as Mined",
        "modules.training.internal.simulation.habits -> modules.patterns.types",
    ),
)

WITHIN = (
    Violation(
        "routes go inside",
        PUBLIC,
        "modules/patterns/routes/served.py",
        "from modules.patterns.internal import service",
        "modules.patterns.routes.served -> modules.patterns.internal.service",
    ),
    Violation(
        "commands go inside",
        PUBLIC,
        "modules/audit/commands.py",
        "from modules.audit.internal import tables",
        "modules.audit.commands -> modules.audit.internal.tables",
    ),
    Violation(
        "a facade imports its own service",
        PUBLIC,
        "modules/audit/facade.py",
        "from modules.audit.internal import service",
        "modules.audit.facade -> modules.audit.internal.service",
    ),
    Violation(
        "types import the facade",
        PUBLIC,
        "modules/automation/types.py",
        "from modules.automation import facade",
        "modules.automation.types -> modules.automation.facade",
    ),
    Violation(
        "errors import types",
        PUBLIC,
        "modules/automation/errors.py",
        "from modules.automation import types",
        "modules.automation.errors -> modules.automation.types",
    ),
    Violation(
        "a module has an undeclared public room",
        PUBLIC,
        "modules/audit/extras.py",
        '"""A room that nobody declared."""',
        "modules.audit.extras",
    ),
    Violation(
        "the domain imports the store",
        PRIVATE,
        "modules/audit/internal/domain/chain.py",
        "from modules.audit.internal import store",
        "modules.audit.internal.domain.chain -> modules.audit.internal.store",
    ),
    Violation(
        "the store imports the service",
        PRIVATE,
        "modules/audit/internal/store.py",
        "from modules.audit.internal import service",
        "modules.audit.internal.store -> modules.audit.internal.service",
    ),
    Violation(
        "the tables import the domain",
        PRIVATE,
        "modules/patterns/internal/tables.py",
        "from modules.patterns.internal.domain import log",
        "modules.patterns.internal.tables -> modules.patterns.internal.domain.log",
    ),
    Violation(
        "a module has an undeclared private room",
        PRIVATE,
        "modules/audit/internal/misc.py",
        '"""A room that nobody declared."""',
        "modules.audit.internal.misc",
    ),
    Violation(
        "two files of the domain need each other",
        "No cycles",
        "modules/patterns/internal/domain/log.py",
        "from modules.patterns.internal.domain import seeded",
        "No cycles are allowed in modules.patterns.internal.domain",
        {"modules/patterns/internal/domain/seeded.py": "from modules.patterns.internal.domain import log"},
    ),
)

FRAMEWORKS = (
    Violation(
        "a value is an array",
        VALUES,
        "modules/patterns/types/score.py",
        "import numpy",
        "modules.patterns.types.score -> numpy",
    ),
    Violation(
        "a module's errors know the web",
        VALUES,
        "modules/audit/errors.py",
        "from litestar.exceptions import HTTPException",
        "modules.audit.errors -> litestar",
    ),
    Violation(
        "a facade reaches a framework through the kernel",
        VALUES,
        "modules/audit/facade.py",
        "from kernel.data import database",
        "modules.audit.facade -> kernel.data.database",
    ),
    Violation(
        "the facade package loads the server",
        "The kernel's facade package loads no framework",
        "kernel/facade/__init__.py",
        "import kernel.facade.server",
        "kernel.facade -> kernel.facade.server",
    ),
    Violation(
        "a service writes SQL",
        SQL,
        "modules/audit/internal/service.py",
        "import sqlalchemy",
        "modules.audit.internal.service -> sqlalchemy",
    ),
    Violation(
        "a service names a type of SQL, for the type checker only",
        SQL,
        "modules/automation/internal/service.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sqlalchemy import Connection",
        "modules.automation.internal.service -> sqlalchemy",
    ),
    Violation(
        "a route writes SQL, inside a function",
        SQL,
        "modules/audit/routes.py",
        "def rows():\n    import sqlalchemy\n    return sqlalchemy",
        "modules.audit.routes -> sqlalchemy",
    ),
    Violation(
        "a service opens a SQLite file by itself",
        SQL,
        "modules/patterns/internal/service/seeded.py",
        "import sqlite3",
        "modules.patterns.internal.service.seeded -> sqlite3",
    ),
    Violation(
        "a service migrates",
        SQL,
        "modules/audit/internal/service.py",
        "import alembic",
        "modules.audit.internal.service -> alembic",
    ),
    Violation(
        "the domain opens a database",
        "The domain is pure",
        "modules/audit/internal/domain/chain.py",
        "from kernel.data import database",
        "modules.audit.internal.domain.chain -> kernel.data.database",
    ),
    Violation(
        "a service answers HTTP",
        SERVED,
        "modules/patterns/internal/service/seeded.py",
        "import litestar",
        "modules.patterns.internal.service.seeded -> litestar",
    ),
    Violation(
        "a local port knows the web",
        SERVED,
        "kernel/facade/local.py",
        "from litestar import Request",
        "kernel.facade.local -> litestar",
    ),
    Violation(
        "a service calls out over HTTP",
        SPOKEN,
        "modules/audit/internal/service.py",
        "import aiohttp",
        "modules.audit.internal.service -> aiohttp",
    ),
    Violation(
        "a service is injected into",
        "The injector stays in wiring",
        "modules/audit/internal/service.py",
        "from dependency_injector.wiring import inject",
        "modules.audit.internal.service -> dependency_injector",
    ),
    Violation(
        "a module without arrays imports numpy",
        "Arrays stay inside the modules that compute",
        "modules/audit/internal/service.py",
        "import numpy",
        "modules.audit.internal.service -> numpy",
    ),
    Violation(
        "a service prints to the terminal",
        "The terminal is the face's",
        "modules/automation/internal/service.py",
        "from rich.console import Console",
        "modules.automation.internal.service -> rich",
    ),
    Violation(
        "production imports a tool for tests",
        "Nothing that runs imports a tool for tests",
        "modules/audit/internal/service.py",
        "import hypothesis",
        "modules.audit.internal.service -> hypothesis",
    ),
)

IN_THE_KERNEL = (
    Violation(
        "the facade room imports the data room",
        KERNEL,
        "kernel/facade/operation.py",
        "from kernel.data import database",
        "kernel.facade.operation -> kernel.data.database",
    ),
    Violation(
        "the data room imports the runtime room",
        KERNEL,
        "kernel/data/database.py",
        "from kernel.runtime import wiring",
        "kernel.data.database -> kernel.runtime.wiring",
    ),
    Violation(
        "the kernel has an undeclared room",
        KERNEL,
        "kernel/misc.py",
        '"""A room that nobody declared."""',
        "kernel.misc",
    ),
    Violation(
        "two files of the kernel need each other",
        "No cycles",
        "kernel/facade/values.py",
        "from kernel.facade import check",
        "No cycles are allowed in kernel.facade",
    ),
    Violation(
        "the marks know the server",
        "How modules talk: the ports above, the law, the marks below",
        "kernel/facade/operation.py",
        "from kernel.facade import server",
        "kernel.facade.operation -> kernel.facade.server",
    ),
    Violation(
        "a file of the facade room has no place",
        "How modules talk: the ports above, the law, the marks below",
        "kernel/facade/seeded.py",
        '"""A file that nobody declared."""',
        "kernel.facade.seeded",
    ),
    Violation(
        "a file of the data room has no place",
        "How modules remember",
        "kernel/data/seeded.py",
        '"""A file that nobody declared."""',
        "kernel.data.seeded",
    ),
    Violation(
        "the engine knows the jobs",
        "How modules remember",
        "kernel/data/database.py",
        "from kernel.data import jobs",
        "kernel.data.database -> kernel.data.jobs",
    ),
    Violation(
        "a file of the runtime room has no place",
        "How modules run",
        "kernel/runtime/seeded.py",
        '"""A file that nobody declared."""',
        "kernel.runtime.seeded",
    ),
    Violation(
        "settings know the wiring",
        "How modules run",
        "kernel/runtime/settings/tree.py",
        "from kernel.runtime import wiring",
        "kernel.runtime.settings.tree -> kernel.runtime.wiring",
    ),
    Violation(
        "a file of the face has no place",
        "The face",
        "homewright/seeded.py",
        '"""A file that nobody declared."""',
        "homewright.seeded",
    ),
)

VIOLATIONS = BETWEEN + WITHIN + FRAMEWORKS + IN_THE_KERNEL
