"""How a command speaks. `Session` gives it facades, `Terminal` its voice, `invoke` runs it and turns failures into
sentences and exit codes: 0 done, 1 failed, 2 wrongly asked, 130 interrupted.

With `--json`, anywhere on the line, a command writes exactly one JSON document to stdout, and a failure one
`{"error": …}` to stderr; tables, words and progress bars are silent. rich is loaded when something is drawn.
"""

from kernel.runtime.terminal.invoke import invoke
from kernel.runtime.terminal.session import Session
from kernel.runtime.terminal.terminal import Column, JobFailed, Terminal

__all__ = ["Column", "JobFailed", "Session", "Terminal", "invoke"]
