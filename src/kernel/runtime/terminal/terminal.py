"""Words, tables and bars for people; one JSON document for programs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TextIO

import msgspec

from kernel.errors import Fault
from kernel.facade.job import JobStatus
from kernel.facade.wire import fault_to_wire

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 160
"""Columns when the output is no terminal: nothing there wraps or cuts lines for us."""


class JobFailed(Fault):
    """A job that a command waited for did not end well."""

    job_id: str
    problem: str
    http_status = 409

    def __str__(self) -> str:
        return self.problem


class Column(NamedTuple):
    """A table's column. Numbers go right."""

    title: str
    align: Literal["left", "right"] = "left"


class Terminal:
    """`json`: speak to a program. What is written never holds markup: a habit named `[red]` stays as it is."""

    def __init__(self, json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = json
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def show(self, value: Any, draw: Callable[[], None]) -> None:
        """The command's result: `value` as the one JSON document, or drawn for a person."""
        if self.json:
            self._out.write(msgspec.json.format(msgspec.json.encode(value, enc_hook=str)).decode() + "\n")
        else:
            draw()

    def say(self, text: str = "", style: str = "") -> None:
        """A line for a person."""
        if not self.json:
            self._draw(self._out, text, style)

    def warn(self, text: str) -> None:
        """A line on stderr that a person should see."""
        if not self.json:
            self._draw(self._err, text, "yellow")

    def fail(self, fault: Fault) -> None:
        """The reason why a command failed."""
        if self.json:
            self._err.write(fault_to_wire(fault).decode() + "\n")
        else:
            self._draw(self._err, str(fault), "red")

    def table(self, title: str, columns: Sequence[Column | str], rows: Iterable[Sequence[object]]) -> None:
        """Rows under headings; None is an empty cell."""
        if self.json:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for column in (Column(one) if isinstance(one, str) else one for one in columns):
            table.add_column(Text(column.title), justify=column.align, overflow="fold")
        for row in rows:
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
        self._console(self._out).print(table)

    async def follow(
        self, title: str, ask: Callable[[], Awaitable[JobStatus]], every_seconds: float = 0.2
    ) -> JobStatus:
        """Wait for a job's end and draw how far it is. Raises JobFailed if it failed or was cancelled."""
        with self.progress(title) as draw:
            while True:
                status = await ask()
                draw(status.stage, status.done, status.total)
                if status.ended:
                    break
                await asyncio.sleep(every_seconds)
        if status.state != "done":
            raise JobFailed(job_id=status.id, problem=status.problem or f"{title}: {status.state}")
        return status

    @contextmanager
    def progress(self, title: str) -> Iterator[Callable[[str, int, int], None]]:
        """A bar on stderr while the block runs; the given function moves it: stage, done, total (0: unknown)."""
        if self.json or not self._err.isatty():
            yield lambda stage, done, total: None
            return
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console(self._err), transient=True) as bar:
            task = bar.add_task(title, total=None)
            yield lambda stage, done, total: bar.update(
                task, description=f"{title} {stage}".strip(), completed=done, total=total or None
            )

    def _draw(self, stream: TextIO, text: str, style: str) -> None:
        if not stream.isatty():
            stream.write(text + "\n")
            return
        self._console(stream).print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)

    def _console(self, stream: TextIO) -> Console:
        from rich.console import Console

        tty = stream.isatty()
        return Console(file=stream, force_terminal=tty, width=None if tty else PIPE_WIDTH, highlight=False)
