"""Runs the command line: finds `--json`, gives the command its session, says failures in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TextIO

import click

from kernel.errors import Fault, Invalid, Undeclared
from kernel.runtime.terminal.session import Session
from kernel.runtime.terminal.terminal import Terminal

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def invoke(
    cli: click.Command,
    argv: Sequence[str],
    open_session: Callable[[Terminal], Session],
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Run `cli` with `argv` (without the program's name); the answer is the exit code. `ctx.obj` is the Session."""
    arguments, as_json = _without_json(argv)
    terminal = Terminal(json=as_json, out=out, err=err)
    try:
        with open_session(terminal) as session:
            code = cli.main(args=arguments, prog_name="homewright", standalone_mode=False, obj=session)
            return code if isinstance(code, int) else DONE
    except click.UsageError as misuse:
        terminal.fail(Invalid(where=_where(misuse), expected=misuse.format_message()))
        return MISUSED
    except click.ClickException as failure:
        terminal.fail(Invalid(where="homewright", expected=failure.format_message()))
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Fault as fault:
        terminal.fail(fault)
        return FAILED
    except Exception as bug:
        from kernel.runtime.observe.log import logger  # only here: it loads structlog, and that rich

        logger("terminal").error("bug", exc_info=bug)
        terminal.fail(Undeclared(operation=" ".join(["homewright", *arguments[:1]]), kind=type(bug).__name__))
        return FAILED


def _without_json(argv: Sequence[str]) -> tuple[list[str], bool]:
    """`--json` counts wherever it stands before `--`, so that every command has it, a plugin's too."""
    end = argv.index("--") if "--" in argv else len(argv)
    head = [word for word in argv[:end] if word != "--json"]
    return [*head, *argv[end:]], len(head) < end


def _where(misuse: click.UsageError) -> str:
    return misuse.ctx.command_path if misuse.ctx else "homewright"
