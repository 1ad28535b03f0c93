"""What callers of `training` may catch."""

from __future__ import annotations

from kernel.errors import Declared


class UnknownSimulation(Declared):
    """No simulation has this id."""

    job_id: str
    http_status = 404

    def __str__(self) -> str:
        return f"there is no simulation {self.job_id!r}"


class UnusableFolder(Declared):
    """The files cannot be written there."""

    path: str
    reason: str
    http_status = 422

    def __str__(self) -> str:
        return f"{self.path} cannot hold a simulated home: {self.reason}; name a folder that can be written"
