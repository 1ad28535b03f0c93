"""A module's database, as its stores see it: hand over a function of a transaction, get its answer.

One unit of work is one hop to the module's database thread and one transaction there. A second thread serves long
reads, so that a page of history does not hold up a write. The caller's context (deadline, principal, trace, key) is
visible in the function. Nothing is retried here: a fault says whether anything was changed, and nothing was, unless it
is Lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from sqlalchemy import Engine

from kernel.data.address import Address, address
from kernel.data.engine import Tx, for_reading, for_writing, make_engine
from kernel.data.faults import fault_of

T = TypeVar("T")
Listener = Callable[[], None]
_TOUCHED = "homewright_touched"


def touch(tx: Tx, what: str) -> None:
    """Tell those who wait for `what` (`outbox`, `jobs`) when this transaction has committed."""
    tx.info.setdefault(_TOUCHED, set()).add(what)


class Database:
    """The open database of one module. Make it with `await Database.open(…)`, end it with `await close()`."""

    def __init__(self, place: Address, engine: Engine) -> None:
        self.module = place.module
        self.dialect = engine.dialect.name
        self._address = place
        self._engine = engine
        self._writer = for_writing(engine)
        self._reader = for_reading(engine)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{place.module}-database")
        self._long = ThreadPoolExecutor(1, thread_name_prefix=f"{place.module}-long-reads")
        self._listeners: list[tuple[str, Listener]] = []

    @classmethod
    async def open(cls, module: str, url: str, *, durable: bool = False, busy_seconds: float = 5.0) -> Database:
        """Open the database of `module`; its tables are there after `migrate.upgrade`.

        `durable`: each commit survives a power cut (SQLite: synchronous FULL). `busy_seconds`: how long a transaction
        waits for another process before it is Busy. Raises Invalid for a bad URL, Unavailable if there is no database.
        """
        place = address(module, url)
        engine = make_engine(place, durable=durable, busy_seconds=busy_seconds)
        database = cls(place, engine)
        try:
            await database.read(lambda tx: tx.exec_driver_sql(database._knock).scalar())
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def _knock(self) -> str:
        """The cheapest statement that has to read the database itself."""
        return "PRAGMA schema_version" if self._address.file else "SELECT 1"

    def __str__(self) -> str:
        return str(self._address)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one transaction, alone among the module's writers; commit when it returns, undo when it raises.

        Raises what `work` raises; Busy, Unavailable or Lost for the database's own troubles.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, copy_context().run, self._write, work, loop)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on one unchanging view of the database. It cannot write. Keep it short; see `long_read`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, copy_context().run, self._read, work)

    async def long_read(self, work: Callable[[Tx], T]) -> T:
        """As `read`, on the thread for reads that take longer than a few milliseconds."""
        return await asyncio.get_running_loop().run_in_executor(self._long, copy_context().run, self._read, work)

    def on_commit(self, what: str, listener: Listener) -> Callable[[], None]:
        """Call `listener` on the event loop after each commit, in this process, that touched `what`. Gives the undoing.

        It is a nudge, not a message: other processes' commits give none, so poll slowly as well.
        """
        entry = (what, listener)
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry) if entry in self._listeners else None

    async def close(self) -> None:
        """End the threads after the work that they have, and close the connections."""
        loop = asyncio.get_running_loop()
        for thread in (self._thread, self._long):
            await loop.run_in_executor(None, thread.shutdown)
        await loop.run_in_executor(None, self._engine.dispose)

    def _write(self, work: Callable[[Tx], T], loop: asyncio.AbstractEventLoop) -> T:
        committing = False
        touched: set[str] = set()
        try:
            with self._writer.connect() as tx:
                tx.info[_TOUCHED] = touched
                tx.begin()
                answer = work(tx)
                committing = True
                tx.commit()
        except Exception as error:
            self._clarify(error, committing=committing)
            raise
        if touched and self._listeners:
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to be nudged
                loop.call_soon_threadsafe(self._announce, touched)
        return answer

    def _read(self, work: Callable[[Tx], T]) -> T:
        try:
            with self._reader.connect() as tx, tx.begin():
                return work(tx)
        except Exception as error:
            self._clarify(error, committing=False)
            raise

    def _clarify(self, error: Exception, *, committing: bool) -> None:
        """Raise the fault that `error` stands for, if it is one of the world's and not ours."""
        fault = fault_of(error, self._address, committing=committing)
        if fault is not None:
            raise fault from error

    def _announce(self, touched: set[str]) -> None:
        for what, listener in tuple(self._listeners):
            if what in touched:
                listener()
