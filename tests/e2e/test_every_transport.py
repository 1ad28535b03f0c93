"""The modules' own facades, over real services, reached in four ways: callers cannot tell where a module runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from e2e.served import serving, token
from homewright.house import House, open_house
from kernel.errors import Conflict, Invalid, Late
from kernel.facade import calling
from kernel.facade.client import RemoteHouse
from kernel.facade.event import Envelope
from kernel.facade.strict import strict_port
from kernel.runtime.settings import load
from kernel.testing.served import rpc_app
from kernel.testing.served import serving as serving_app
from kernel.testing.transports import TRANSPORTS
from modules.audit import Trail
from modules.audit.types import TrailQuestion
from modules.automation import Automations, Suggestions
from modules.automation.errors import UnknownSuggestion
from modules.automation.types import SuggestionQuestion
from modules.patterns import History, Patterns, Replay
from modules.patterns.errors import HistoryTooShort, UnknownEntity, UnknownJob
from modules.patterns.types import (
    CallService,
    HistoryBatch,
    LearnRequest,
    Rule,
    StateChange,
    TimelineQuestion,
    TimeTrigger,
    Window,
)

P = TypeVar("P")
START = datetime(2026, 1, 5, 7, tzinfo=UTC)


class Reached:
    """Ports by Protocol, whatever is behind them."""

    def __init__(self, ports: dict[type, Any]) -> None:
        self._ports = ports

    def of(self, protocol: type[P]) -> P:
        port: P = self._ports[protocol]
        return port


@pytest.fixture(params=TRANSPORTS)
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reached]:
    async with _process(tmp_path) if request.param == "process" else _house(request.param, tmp_path) as reached:
        yield reached


@asynccontextmanager
async def _house(transport: str, data: Path) -> AsyncIterator[Reached]:
    async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(data)})) as house:
        if transport == "service":
            yield Reached({facade.protocol: house.port(facade.protocol) for facade, _ in house.served()})
        elif transport == "strict":
            yield Reached({facade.protocol: strict_port(facade, service, "test") for facade, service in house.served()})
        else:
            async with serving_app(rpc_app(house.served())) as url, _remote(house, url, None) as reached:
                yield reached


@asynccontextmanager
async def _process(data: Path) -> AsyncIterator[Reached]:
    secret = token(data)
    with serving(data) as server:
        settings = load({"HOMEWRIGHT_DATA_DIR": str(data)})
        async with open_house(settings) as house, _remote(house, server.url, secret) as reached:
            yield reached


@asynccontextmanager
async def _remote(house: House, url: str, secret: str | None) -> AsyncIterator[Reached]:
    remote = RemoteHouse(url, secret)
    try:
        yield Reached({facade.protocol: remote.port(facade, "test") for facade, _ in house.served()})
    finally:
        await remote.close()


def changes(days: int) -> tuple[StateChange, ...]:
    """A lamp that goes on at seven and off at nine, by hand."""
    moments = [(START + timedelta(days=day, hours=2 * off), off) for day in range(days) for off in (0, 1)]
    return tuple(
        StateChange(at=at, entity_id="light.lamp", state="off" if off else "on", origin="manual") for at, off in moments
    )


def lamp_at(clock: str, entity_id: str = "light.lamp") -> Rule:
    on = CallService(service="light.turn_on", entity_ids=(entity_id,))
    return Rule(name="lamp", triggers=(TimeTrigger(at=clock),), actions=(on,))


async def test_history_is_kept_once_and_streamed_in_order(home: Reached) -> None:
    history, batch = home.of(History), HistoryBatch(changes=changes(3))
    assert (await history.import_history(batch)).added == 6
    assert (await history.import_history(batch)).duplicates == 6
    assert tuple([one async for one in history.timeline(TimelineQuestion())]) == changes(3)
    assert (await history.summary()).changes == 6


async def test_a_repeated_call_with_its_key_gets_its_first_reply(home: Reached) -> None:
    history = home.of(History)
    for _ in range(2):
        with calling(key="once"):
            assert (await history.import_history(HistoryBatch(changes=changes(1)))).added == 2
    with calling(key="once"), pytest.raises(Conflict):
        await history.import_history(HistoryBatch(changes=changes(2)))


async def test_replay_scores_the_same_everywhere(home: Reached) -> None:
    await home.of(History).import_history(HistoryBatch(changes=changes(10)))
    window = Window(start=START - timedelta(hours=7), end=START + timedelta(days=10))
    card = await home.of(Replay).replay(lamp_at("06:58"), window)
    assert (card.gestures, card.saved, card.false_firings) == (19, 9, 0), "the first sighting of a lamp is no gesture"
    firings = [one async for one in home.of(Replay).firings(lamp_at("06:58"), window)]
    assert [one.saved for one in firings] == [False, *[True] * 9]


async def test_declared_errors_keep_their_type_and_fields(home: Reached) -> None:
    window = Window(start=START, end=START + timedelta(days=10))
    with pytest.raises(HistoryTooShort) as short:
        await home.of(Replay).replay(lamp_at("06:58"), window)
    assert (short.value.days, short.value.needed, short.value.ran) == (0, 7, "yes")
    await home.of(History).import_history(HistoryBatch(changes=changes(10)))
    with pytest.raises(UnknownEntity) as unknown:
        await home.of(Replay).replay(lamp_at("06:58", "light.attic"), window)
    assert unknown.value.entity_id == "light.attic"
    with pytest.raises(UnknownJob):
        await home.of(History).import_status("nothing")
    with pytest.raises(HistoryTooShort):
        await home.of(Patterns).learn(LearnRequest())
    with pytest.raises(UnknownSuggestion):
        await home.of(Suggestions).dismiss("nothing")


async def test_a_failing_stream_fails_with_its_declared_error(home: Reached) -> None:
    window = Window(start=START, end=START + timedelta(days=10))
    with pytest.raises(HistoryTooShort):
        async for _ in home.of(Replay).firings(lamp_at("06:58"), window):
            pass


async def test_the_trail_records_an_envelope_once(home: Reached) -> None:
    trail = home.of(Trail)
    envelope = Envelope(id="e1", topic="test.Happened", key="k", occurred_at=START, actor="me", payload="{}")
    first = await trail.record(envelope)
    assert await trail.record(envelope) == first
    assert first in await trail.search(TrailQuestion(topic="test.*"))
    assert first in [one async for one in trail.export(TrailQuestion())]
    assert (await trail.verify()).intact


async def test_rules_are_rendered_and_nothing_is_suggested_from_nothing(home: Reached) -> None:
    rendered = await home.of(Automations).render(lamp_at("06:58"))
    assert "trigger: time" in rendered.yaml
    assert rendered.sentence == "At 06:58, turn on light.lamp."
    assert await home.of(Suggestions).suggestions(SuggestionQuestion()) == ()


async def test_a_deadline_that_has_passed_refuses_the_call(home: Reached) -> None:
    with calling(seconds=-1), pytest.raises(Late) as late:
        await home.of(History).summary()
    assert late.value.ran == "no"


async def test_a_value_outside_its_limits_cannot_even_be_built() -> None:
    with pytest.raises(Invalid):
        lamp_at("25:00")
