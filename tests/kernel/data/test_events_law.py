"""The law of events, under any order of telling, failing, dying, replaying and time passing.

Whatever happens: each event that was committed is applied at most once, events of a lane that never died are applied in
the order in which they were told, and when all troubles end, every event has been applied.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kernel.data import Database
from kernel.data.dispatch import Dispatcher, Patience, Subscription
from kernel.errors import Conflict, Unreachable
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from kernel.testing.ledger import all_heard, all_told, hear, source_metadata, target_metadata, tell

LANES = ("a", "b")
PATIENCE = Patience(failures=3, first_pause_seconds=1, longest_pause_seconds=8, lease_seconds=10)
TROUBLES = ("none", "before", "after", "away")


class Events(RuleBasedStateMachine):
    """Two carriers on one outbox, either of which may die with what it has claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.now = datetime.now(UTC) + timedelta(seconds=1)
        self.trouble = dict.fromkeys(LANES, "none")
        self.told = dict.fromkeys(LANES, 0)
        databases = Databases("sqlite", f"sqlite:///{Path(self.folder.name)}/{{module}}.db")
        databases.create("source", source_metadata)
        databases.create("target", target_metadata)
        self.source = self.wait(Database.open("source", databases.url))
        self.target = self.wait(Database.open("target", databases.url))
        self.ever_dead: set[str] = set()
        self.carriers = [self.carrier(), self.carrier()]

    def wait(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def carrier(self) -> Dispatcher:
        subscription = Subscription("target.hear", ("source.Numbered",), self.handle)
        return Dispatcher(self.source, [subscription], patience=PATIENCE, clock=lambda: self.now)

    async def handle(self, envelope: Envelope) -> None:
        trouble = self.trouble[envelope.key]
        if trouble == "before":
            raise Conflict(what="refused")
        if trouble == "away":
            raise Unreachable(peer="target", reason="away")
        await hear(self.target, envelope)
        if trouble == "after":
            raise ConnectionResetError("applied, but the answer was lost")

    @rule(lane=st.sampled_from(LANES), count=st.integers(1, 3))
    def tell(self, lane: str, count: int) -> None:
        for _ in range(count):
            number = self.told[lane]
            self.wait(self.source.write(lambda tx, number=number: tell(tx, lane, number)))
            self.told[lane] += 1

    @rule(lane=st.sampled_from(LANES), trouble=st.sampled_from(TROUBLES))
    def meet(self, lane: str, trouble: str) -> None:
        self.trouble[lane] = trouble

    @rule(which=st.integers(0, 1))
    def carry(self, which: int) -> None:
        self.wait(self.carriers[which].drain())
        self.note_the_dead()

    @rule(which=st.integers(0, 1))
    def die_with_what_was_claimed(self, which: int) -> None:
        self.wait(self.carriers[which]._claim())
        self.carriers[which] = self.carrier()

    @rule(which=st.integers(0, 1))
    def die_after_the_effect_before_the_note(self, which: int) -> None:
        for delivery in self.wait(self.carriers[which]._claim())[:1]:
            self.wait(hear(self.target, delivery.envelope))
        self.carriers[which] = self.carrier()

    @rule(seconds=st.sampled_from((1, 5, 11)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.ever_dead)
    @rule()
    def replay(self) -> None:
        for letter in self.wait(self.carriers[0].dead_letters()):
            self.wait(self.carriers[0].replay(letter.envelope.id, letter.consumer))

    @invariant()
    def nothing_twice_and_in_order(self) -> None:
        for lane, numbers in self.wait(all_heard(self.target)).items():
            assert len(set(numbers)) == len(numbers)
            if lane not in self.ever_dead:
                assert numbers == list(range(len(numbers)))

    def note_the_dead(self) -> None:
        self.ever_dead |= {letter.envelope.key for letter in self.wait(self.carriers[0].dead_letters())}

    def teardown(self) -> None:
        try:
            self.all_troubles_end()
        finally:
            self.wait(self.source.close())
            self.wait(self.target.close())
            self.loop.close()
            self.folder.cleanup()

    def all_troubles_end(self) -> None:
        self.trouble = dict.fromkeys(LANES, "none")
        self.replay()
        for _ in range(3):
            self.now += timedelta(seconds=11)
            self.wait(self.carriers[0].drain())
        told = self.wait(all_told(self.source))
        heard = self.wait(all_heard(self.target))
        assert {lane: sorted(numbers) for lane, numbers in heard.items()} == told
        assert self.wait(self.carriers[0].backlog()) == ()
        assert self.wait(self.carriers[0].parked()) == ()


TestEvents = Events.TestCase
TestEvents.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
