"""Long work as its caller sees it.

queued -> running -> done
   |         |----> failed (the stage and why)
   '---------'----> cancelled
a killed process leaves `running`; the next one resumes at the stage and checkpoint that were stored.
"""

from __future__ import annotations

from typing import Literal

from kernel.facade.values import Count, Instant, Value

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class JobStatus(Value, frozen=True, kw_only=True):
    """One job. `done` of `total` units in `stage` never goes back; `total` is 0 while it is unknown."""

    id: str
    kind: str
    state: JobState
    stage: str = ""
    done: Count = 0
    total: Count = 0
    problem: str | None = None
    """Why it failed, as a sentence."""
    created_at: Instant
    updated_at: Instant

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")
