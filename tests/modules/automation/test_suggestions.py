"""Suggestions follow the learnings, and never come back once a person does not want them."""

from __future__ import annotations

import asyncio

import pytest
import yaml

from kernel.data import Database, Tx, migrate
from kernel.data.dispatch import Dispatcher, Subscription
from kernel.data.outbox import emit
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from modules.automation.errors import UnknownSuggestion
from modules.automation.internal.service import CONSUMER, SuggestionService
from modules.automation.internal.tables import metadata
from modules.automation.types import Refreshed, SuggestionQuestion
from modules.patterns.events import HabitsFound
from modules.patterns.types import Habits

from .homes import LearnedPatterns, habit, score, unsayable

ALL = SuggestionQuestion(states=())


async def told(database: Database, about: str = "") -> list[str]:
    """The topics of the events that were not heard yet, of one suggestion or of all: there order is kept per key."""
    heard: list[str] = []

    async def hear(envelope: Envelope) -> None:
        if envelope.key == (about or envelope.key):
            heard.append(envelope.topic)

    await Dispatcher(database, [Subscription("test", ("*",), hear)]).drain()
    return heard


async def states(suggestions: SuggestionService) -> dict[str, str]:
    return {one.id: one.state for one in await suggestions.suggestions(ALL)}


async def test_a_learning_s_habits_are_offered_best_first(suggestions: SuggestionService, database: Database) -> None:
    assert await suggestions.refresh() == Refreshed(added=2, updated=0, expired=0)
    offered = await suggestions.suggestions(SuggestionQuestion())
    assert [one.id for one in offered] == ["a", "b"]
    (automation,) = yaml.safe_load(offered[0].automation.yaml)
    assert automation["id"] == offered[0].automation.automation_id == "homewright_a"
    assert await told(database) == ["automation.SuggestionAdded"] * 2


async def test_what_did_not_change_is_not_written(suggestions: SuggestionService, database: Database) -> None:
    await suggestions.refresh()
    before = await suggestions.suggestions(ALL)
    await told(database)
    assert await suggestions.refresh() == Refreshed(added=0, updated=0, expired=0)
    assert await suggestions.suggestions(ALL) == before
    assert await told(database) == []


async def test_a_better_learning_replaces_rule_score_and_rank_under_the_same_id(
    suggestions: SuggestionService, patterns: LearnedPatterns
) -> None:
    await suggestions.refresh()
    (old, _) = await suggestions.suggestions(ALL)
    patterns.learns(habit("b", "22:00"), habit("a", "07:45", tested=score(13, 14)))
    assert await suggestions.refresh() == Refreshed(added=0, updated=1, expired=0)
    (_, new) = await suggestions.suggestions(ALL)
    assert (new.id, new.created_at, new.automation.automation_id) == ("a", old.created_at, "homewright_a")
    assert "07:45:00" in new.automation.yaml
    assert new.updated_at > old.updated_at


async def test_a_lost_habit_expires_and_may_return(
    suggestions: SuggestionService, patterns: LearnedPatterns, database: Database
) -> None:
    await suggestions.refresh()
    patterns.learns(habit("b", "22:00"))
    assert await suggestions.refresh() == Refreshed(added=0, updated=0, expired=1)
    assert await states(suggestions) == {"a": "expired", "b": "new"}
    patterns.learns(habit("a"), habit("b", "22:00"))
    assert await suggestions.refresh() == Refreshed(added=0, updated=1, expired=0)
    assert await states(suggestions) == {"a": "new", "b": "new"}
    assert await told(database, about="a") == [
        "automation.SuggestionAdded",
        "automation.SuggestionExpired",
        "automation.SuggestionReturned",
    ]


@pytest.mark.parametrize("lost_before", [False, True])
async def test_a_dismissed_suggestion_never_comes_back(
    suggestions: SuggestionService, patterns: LearnedPatterns, database: Database, lost_before: bool
) -> None:
    await suggestions.refresh()
    if lost_before:
        patterns.learns(habit("b", "22:00"))
        await suggestions.refresh()
    dismissed = await suggestions.dismiss("a", "we like it dark")
    assert await suggestions.dismiss("a", "again") == dismissed
    for found in ([habit("b", "22:00")], [habit("a", "08:00"), habit("b", "22:00")]):
        patterns.learns(*found)
        await suggestions.refresh()
        assert await suggestions.suggestion("a") == dismissed
    assert [one.id for one in await suggestions.suggestions(SuggestionQuestion())] == ["b"]
    assert (await told(database)).count("automation.SuggestionDismissed") == 1


async def test_nothing_is_lost_before_the_first_learning(
    suggestions: SuggestionService, patterns: LearnedPatterns
) -> None:
    await suggestions.refresh()
    patterns.found = Habits()
    assert await suggestions.refresh() == Refreshed(added=0, updated=0, expired=0)
    assert await states(suggestions) == {"a": "new", "b": "new"}


async def test_a_habit_that_cannot_be_written_is_counted_and_not_offered(
    suggestions: SuggestionService, patterns: LearnedPatterns
) -> None:
    patterns.learns(unsayable("u"), habit("a"))
    assert await suggestions.refresh() == Refreshed(added=1, updated=0, expired=0, refused=1)
    assert await states(suggestions) == {"a": "new"}


async def test_an_event_is_heard_once_however_often_it_comes(
    suggestions: SuggestionService, patterns: LearnedPatterns, database: Database
) -> None:
    found = HabitsFound(learning_id="l1", habit_ids=("a", "b"))
    envelopes: list[Envelope] = []

    async def keep(envelope: Envelope) -> None:
        envelopes.append(envelope)
        await suggestions.hear(envelope)

    def learned(tx: Tx) -> None:
        emit(tx, found)

    await database.write(learned)
    await Dispatcher(database, [Subscription(CONSUMER, (HabitsFound.topic(),), keep)]).drain()
    assert await states(suggestions) == {"a": "new", "b": "new"}
    patterns.learns(habit("b", "22:00"))
    await suggestions.hear(envelopes[0])
    assert await states(suggestions) == {"a": "new", "b": "new"}, "the second coming of the event has no effect"


async def test_many_at_once_offer_each_habit_once(suggestions: SuggestionService) -> None:
    answers = await asyncio.gather(*(suggestions.refresh() for _ in range(8)))
    assert sum(answer.added for answer in answers) == 2


async def test_an_unknown_suggestion_is_named(suggestions: SuggestionService) -> None:
    with pytest.raises(UnknownSuggestion, match="'nope'"):
        await suggestions.suggestion("nope")
    with pytest.raises(UnknownSuggestion):
        await suggestions.dismiss("nope")


async def test_the_yaml_says_above_itself_why_it_is_there(suggestions: SuggestionService) -> None:
    await suggestions.refresh()
    text = (await suggestions.suggestion("a")).automation.yaml
    assert text.startswith(
        "# light.a is turned on at about 07:30\n"
        "# Evidence: seen on 7 of 14 days with events; when done at all, "
        "at this time on 7 of 8 (chance alone: about 0.4).\n"
        "# Worth: on 4 unseen weeks it would have saved 4.1 of your switch presses a week, "
        "with 0.2 false firings a day (12 of 14 right, 95 % bounds 57–98 %).\n"
        "- id: homewright_a\n"
    )


async def test_no_firing_at_all_is_said_to_prove_nothing(
    suggestions: SuggestionService, patterns: LearnedPatterns
) -> None:
    patterns.learns(habit("a", tested=score(0, 0)))
    await suggestions.refresh()
    assert "nothing is known of its worth" in (await suggestions.suggestion("a")).worth


async def test_the_migrated_tables_are_the_declared_ones(databases: Databases) -> None:
    async with databases.migrated("automation", metadata):
        assert migrate.check("automation", databases.url, metadata) == ()
