"""What was typed, as values."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

import msgspec

from kernel.errors import Invalid


def given(asked: dict[str, Any]) -> dict[str, Any]:
    """What was said, without what was not."""
    return {name: value for name, value in asked.items() if value is not None}


def request_of(kind: type[Any], **asked: Any) -> Any:
    """Raises Invalid, with the option's place."""
    try:
        return msgspec.convert(given(asked), kind)
    except Invalid:
        raise
    except msgspec.ValidationError as problem:
        raise Invalid(where="options", expected=str(problem)) from None


def instant(option: str, text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """A time that was typed; in `zone` if it does not say. Raises Invalid, with the option's name."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(where=option, expected=f"a time like 2026-11-20T07:30:00+01:00, not {text!r}") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)
