"""Structured logs on stderr: one JSON object or one readable line per message, with trace, span and caller.

No header, cookie, body or Secret is ever handed to a logger by the kernel; `_hide` is the second lock: a value under a
telling name, a Secret, and anything that looks like one of our tokens is masked.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import msgspec
import structlog

from kernel.facade.context import current
from kernel.runtime.settings.secret import MASK, Secret
from kernel.runtime.settings.tree import LogSettings

Event = MutableMapping[str, Any]
_TELLING = re.compile(r"token|secret|password|authorization|cookie|api_?key", re.IGNORECASE)
_TOKEN = re.compile(r"hw_[A-Za-z0-9_-]{16,}|(?i:bearer\s+)\S+|(?<=://)[^/@\s]+:[^/@\s]+(?=@)")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_encode = msgspec.json.Encoder(enc_hook=str).encode


def logger(name: str) -> Any:
    """A logger: `logger("outbox").info("delivered", topic=…)`. The first word is an event, not a sentence.

    Before `set_up_logs` was called it is called with the defaults: structlog's own would print the locals of a
    traceback, and with them headers and tokens.
    """
    if not structlog.is_configured():
        set_up_logs(LogSettings())
    return structlog.get_logger(log=name)


def set_up_logs(settings: LogSettings, out: TextIO | None = None) -> None:
    """Send our logs, and the warnings of libraries, to `out` (stderr). May be called again."""
    stream = out or sys.stderr
    as_json = settings.format == "json" or (settings.format == "auto" and not stream.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_context,
            structlog.processors.format_exc_info,
            _hide,
            _as_json if as_json else _as_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _adopt_libraries(_LEVELS[settings.level])


def _with_context(_: Any, __: str, event: Event) -> Event:
    context = current()
    if context.trace_id:
        event["trace_id"], event["span_id"] = context.trace_id, context.span_id
    if context.caller != "outside":
        event["caller"] = context.caller
    if context.principal:
        event["principal"] = context.principal.name
    return event


def _hide(_: Any, __: str, event: Event) -> Event:
    for name, value in event.items():
        if isinstance(value, Secret) or (_TELLING.search(name) and isinstance(value, str | bytes)):
            event[name] = MASK
        elif isinstance(value, str):
            event[name] = _TOKEN.sub(MASK, value)
        elif not isinstance(value, int | float | None):
            event[name] = _TOKEN.sub(MASK, str(value))
    return event


def _as_json(_: Any, __: str, event: Event) -> str:
    return _encode(event).decode()


def _as_line(_: Any, __: str, event: Event) -> str:
    """`2026-11-20T03:30:00Z info    schedule  learned  habits=4`, and a traceback below it where there is one."""
    trouble = event.pop("exception", None)
    head = f"{event.pop('timestamp')} {event.pop('level'):<7} {event.pop('log', '-'):<10} {event.pop('event')}"
    rest = "".join(f"  {name}={value}" for name, value in event.items())
    return head + rest + (f"\n{trouble}" if trouble else "")


class _FromLibraries(logging.Handler):
    """Hands a library's record to our logs; its own lines would have no trace and no mask."""

    def emit(self, record: logging.LogRecord) -> None:
        say: Callable[..., Any] = getattr(logger(record.name), record.levelname.lower(), logger(record.name).error)
        say("library", message=record.getMessage(), **({"exc_info": record.exc_info} if record.exc_info else {}))


def _adopt_libraries(level: int) -> None:
    """Libraries may warn; only at debug do they chat. The root logger's level stays what it was."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _FromLibraries)]:
        root.removeHandler(handler)
    handler = _FromLibraries(level=max(level, logging.WARNING) if level > logging.DEBUG else level)
    root.addHandler(handler)
