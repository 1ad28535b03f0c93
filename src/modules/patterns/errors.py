"""What callers of `patterns` may catch."""

from __future__ import annotations

from kernel.errors import Declared


class HistoryTooShort(Declared):
    """Fewer days hold events than the answer needs."""

    days: int
    needed: int
    http_status = 409

    def __str__(self) -> str:
        return f"the history holds {self.days} days with events; this needs {self.needed}: import more of the past"


class UnknownEntity(Declared):
    """The history has never seen an entity that was named."""

    entity_id: str
    http_status = 404

    def __str__(self) -> str:
        return f"the history has never seen {self.entity_id}: check the name, or import history that holds it"


class NotReplayable(Declared):
    """A rule has a part that cannot be replayed."""

    part: str
    reason: str
    http_status = 422

    def __str__(self) -> str:
        return f"{self.part} cannot be replayed: {self.reason}"


class BadSource(Declared):
    """A file cannot be imported; nothing of it was."""

    path: str
    reason: str
    remedy: str
    row: int | None = None
    http_status = 422

    def __str__(self) -> str:
        at = f" (row {self.row})" if self.row is not None else ""
        return f"{self.path}{at}: {self.reason}. {self.remedy}"


class UnknownZone(Declared):
    """A time zone that does not exist."""

    zone: str
    http_status = 422

    def __str__(self) -> str:
        return f"there is no time zone {self.zone!r}: write an IANA name such as Europe/Berlin"


class UnknownJob(Declared):
    """No import or learning has this id."""

    job_id: str
    http_status = 404

    def __str__(self) -> str:
        return f"there is no import or learning {self.job_id!r}"
