"""The checks that the kernel offers. Each answers None, or a sentence: what is wrong, and what to do."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import Fault
from kernel.runtime.health.health import Check

if TYPE_CHECKING:
    from kernel.data import Database


def database_writable(database: Database) -> Check:
    """A write transaction can be begun and committed."""

    async def check() -> str | None:
        try:
            await database.write(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
        except Fault as fault:
            return f"{fault}: check the disk, the permissions of the data folder, or the database server"
        return None

    return check


def at_revision(database: Database, revision: str | None) -> Check:
    """The tables are at the revision that this version wrote at its start: no other version has migrated them since."""

    async def check() -> str | None:
        found = await database.read(
            lambda tx: tx.exec_driver_sql(f"SELECT version_num FROM alembic_{database.module}").scalar()
        )
        if found == revision:
            return None
        return f"the tables of {database.module} are at revision {found}, this version needs {revision}: restart"

    return check


def disk_space(folder: Path, least_bytes: int) -> Check:
    """At least `least_bytes` are free where the data folder is."""

    async def check() -> str | None:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        if free >= least_bytes:
            return None
        return f"{folder} has {free / 1e6:.0f} MB free, less than health.disk_free_bytes: make room"

    return check


def alive(what: str, task: Callable[[], asyncio.Task[Any] | None]) -> Check:
    """A task of the house that must never end still runs."""

    async def check() -> str | None:
        running = task()
        if running is not None and not running.done():
            return None
        return f"{what} does not run{_why(running)}: restart the house, and look into the log"

    return check


def lag(what: str, oldest_seconds: Callable[[], Awaitable[float | None]], most_seconds: float) -> Check:
    """The oldest thing that waits (its age; None: nothing waits) is not older than `most_seconds`."""

    async def check() -> str | None:
        age = await oldest_seconds()
        if age is None or age <= most_seconds:
            return None
        return f"the oldest of {what} has waited {age:.0f} s: look into the log for what holds it up"

    return check


def none_dead(what: str, dead: Callable[[], Awaitable[Sized]]) -> Check:
    """No event was given up."""

    async def check() -> str | None:
        count = len(await dead())
        return f"{count} of {what} were given up: list them, mend the cause and replay them" if count else None

    return check


def answers(peer: str, ask: Callable[[], Awaitable[Any]]) -> Check:
    """Another process answers."""

    async def check() -> str | None:
        try:
            await ask()
        except Fault as fault:
            return f"{peer} does not answer ({fault}): start it, or switch its facades back to local"
        return None

    return check


def _why(task: asyncio.Task[Any] | None) -> str:
    if task is None or task.cancelled() or task.exception() is None:
        return ""
    return f" (it ended with {type(task.exception()).__name__})"
