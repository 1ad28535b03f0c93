"""The recorded past, what people do in it, and what a rule would have been worth."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar, Protocol

from kernel.facade import Raises, checked, read, write
from kernel.facade.job import JobStatus
from modules.patterns.errors import (
    BadSource,
    HistoryTooShort,
    NotReplayable,
    UnknownEntity,
    UnknownJob,
    UnknownZone,
)
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    Duration,
    DurationQuestion,
    Firing,
    Habits,
    HistoryBatch,
    HistorySummary,
    HomeState,
    HourCounts,
    Imported,
    ImportRequest,
    ImportStatus,
    LastChange,
    LastQuestion,
    Learning,
    LearnRequest,
    Rule,
    Scorecard,
    ScoredBaseline,
    Split,
    StateChange,
    TimelineQuestion,
    Window,
)


class History(Protocol):
    """Every change of state that the home's past holds, once."""

    raises: ClassVar[Raises] = (BadSource, UnknownZone, UnknownJob)

    @write(idempotent=True)
    async def import_file(self, request: ImportRequest) -> JobStatus:
        """Start the import of a file; ask `import_status` how it goes. All of it becomes visible at once, or nothing.

        Raises BadSource if the file is missing or no history, UnknownZone, and Busy when too many imports wait.
        """

    @read
    async def import_status(self, job_id: str) -> ImportStatus:
        """The job and, when it is done, its report. A failed job's `problem` is the sentence of its fault.

        Raises UnknownJob.
        """

    @write(idempotent=True)
    async def cancel_import(self, job_id: str) -> JobStatus:
        """Stop an import that has not ended; nothing of it stays. Raises UnknownJob."""

    @write(idempotent=True)
    async def import_history(self, batch: HistoryBatch) -> Imported:
        """Add changes; visible and durable when this returns. Known ones (same time, entity, state) are left out.

        Raises UnknownZone if the batch's place has a zone that does not exist.
        """

    @read
    async def summary(self) -> HistorySummary:
        """How much history there is, from when to when."""

    @read
    def timeline(self, question: TimelineQuestion) -> AsyncIterator[StateChange]:
        """The changes in the order of their times (UTC, milliseconds)."""

    @read
    async def last_change(self, question: LastQuestion) -> LastChange | None:
        """When an entity last came into a state, or None if the record does not show it. Raises NotFound."""

    @read
    async def duration(self, question: DurationQuestion) -> Duration:
        """How long an entity was in a state, and for how much of the window that is not known.

        Raises NotFound for an entity never seen, and Invalid if the window ends before it begins.
        """

    @read
    async def counts(self, question: CountsQuestion) -> HourCounts:
        """How often an entity came into a state, by local weekday and hour. Raises NotFound."""

    @read
    async def as_of(self, question: AsOfQuestion) -> HomeState:
        """The state of the home at an instant, as the record has it. Raises NotFound for an entity never seen."""


class Patterns(Protocol):
    """Finds habits and proves them on weeks that were not used to find them."""

    raises: ClassVar[Raises] = (HistoryTooShort, UnknownJob)

    @write(idempotent=True)
    async def learn(self, request: LearnRequest) -> JobStatus:
        """Start a learning over the newest weeks; ask `learning` how it goes.

        Raises HistoryTooShort if fewer than 14 days hold events, and Busy when a learning already waits.
        """

    @read
    async def learning(self, job_id: str) -> Learning:
        """The job and, when it is done, its report. Raises UnknownJob."""

    @write(idempotent=True)
    async def cancel_learning(self, job_id: str) -> JobStatus:
        """Stop a learning that has not ended; the habits stay as they were. Raises UnknownJob."""

    @read
    def null_home(self, seed: int = 0) -> AsyncIterator[StateChange]:
        """This home with its habits taken out and all else left in: on it, a learning should find about nothing.

        The whole history, in the order of time; equal seeds give equal homes. Raises HistoryTooShort if fewer than 14
        days hold events.
        """

    @read
    async def habits(self) -> Habits:
        """The habits of the last finished learning, best first, with its report."""


class Replay(Protocol):
    """Runs rules against the recorded history, with Home Assistant's semantics."""

    raises: ClassVar[Raises] = (HistoryTooShort, UnknownEntity, NotReplayable)

    @read
    async def replay(self, rule: Rule, window: Window) -> Scorecard:
        """Score one rule over `window` (UTC, half-open).

        Rates are per day; shares are of all manual gestures in the window. Raises HistoryTooShort if fewer than 7 days
        hold events, UnknownEntity if the rule names an entity that the history has never seen, NotReplayable if a
        trigger or condition is opaque, or asks for the sun without the home's coordinates, or if of nothing that the
        rule does (areas, scenes, opaque actions) it is known which states it changes.
        """

    @read
    async def replay_home(self, rules: tuple[Rule, ...], window: Window) -> Scorecard:
        """Score rules together: a gesture is saved once, by whichever rule fired for it. Raises as `replay`."""

    @read
    def firings(self, rule: Rule, window: Window) -> AsyncIterator[Firing]:
        """Each time at which the rule would have run, in order. Raises as `replay`."""

    @read
    async def baselines(self, split: Split) -> tuple[ScoredBaseline, ...]:
        """What cheaper ways than learning would have been worth on `split.test`, by the same replay.

        Those that are no oracle look only at what lies before what they predict. Raises HistoryTooShort if the test
        window holds no events.
        """


FACADES = checked("patterns", History, Patterns, Replay)
