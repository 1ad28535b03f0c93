"""What callers of `automation` may catch."""

from __future__ import annotations

from kernel.errors import Declared


class UnknownSuggestion(Declared):
    """No suggestion has this id."""

    suggestion_id: str
    http_status = 404

    def __str__(self) -> str:
        return f"there is no suggestion {self.suggestion_id!r}: list them with `homewright suggest`"


class NotExpressible(Declared):
    """A rule cannot be written as a Home Assistant automation."""

    part: str
    reason: str
    http_status = 422

    def __str__(self) -> str:
        return f"{self.part} cannot be written for Home Assistant: {self.reason}"
