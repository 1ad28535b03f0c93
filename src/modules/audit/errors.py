"""What callers of `audit` may catch."""

from __future__ import annotations

from kernel.errors import Declared


class TrailBroken(Declared):
    """The trail was tampered with; nothing is appended to a broken chain."""

    sequence: int
    reason: str
    http_status = 409

    def __str__(self) -> str:
        return f"record {self.sequence} of the trail is not what was written: {self.reason}"
