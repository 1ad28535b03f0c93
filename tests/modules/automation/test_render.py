"""Rules as Home Assistant YAML: what stands in it, and that every reader of YAML 1.1 gets just that."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.testing.values import values_of
from modules.automation.errors import NotExpressible
from modules.automation.internal.domain.document import automation_id, document
from modules.automation.internal.domain.render import render
from modules.automation.internal.domain.sentences import sentence
from modules.automation.internal.domain.yaml_text import to_yaml
from modules.patterns.types import (
    ActivateScene,
    And,
    CallService,
    Condition,
    Datum,
    Delay,
    Not,
    Notice,
    NumericCondition,
    NumericTrigger,
    Opaque,
    Or,
    Rule,
    StateCondition,
    StateTrigger,
    SunCondition,
    SunTrigger,
    TimeCondition,
    TimeTrigger,
    Trigger,
)

from . import rules

ON = CallService(service="light.turn_on", entity_ids=("light.hall",))


def rule(**changes: Any) -> Rule:
    return Rule(**{"name": "Hall", "triggers": (TimeTrigger(at="07:30"),), "actions": (ON,), **changes})


def shown(**changes: Any) -> dict[str, Any]:
    """The automation as Home Assistant's loader reads it."""
    (automation,) = yaml.safe_load(render(rule(**changes)).yaml)
    return dict(automation)


@settings(max_examples=150, deadline=None)
@given(rules.RULES)
def test_a_yaml_1_1_reader_gets_the_intended_document(given_rule: Rule) -> None:
    rendered = render(given_rule)
    intended = [document(given_rule, rendered.automation_id, rendered.sentence)]
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert same(yaml.load(rendered.yaml, Loader=loader), intended)
    assert "\n" not in rendered.sentence


def same(left: Any, right: Any) -> bool:
    """Equal with equal types: `true` is not 1, and the keys stand in the same order."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


@settings(max_examples=150, deadline=None)
@given(values_of(Rule))
def test_any_rule_at_all_is_rendered_or_refused_in_words(given_rule: Rule) -> None:
    with contextlib.suppress(NotExpressible):
        assert yaml.safe_load(render(given_rule).yaml)[0]["alias"] == given_rule.name
    assert sentence(given_rule).endswith(".")


@given(st.sampled_from(rules.TRAPS) | st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_as_that_text_as_value_and_as_key(text: str) -> None:
    assert yaml.safe_load(to_yaml({text: [text, {"x": text}]})) == {text: [text, {"x": text}]}


@pytest.mark.parametrize("word", ["y", "N", "on", "NO", "true", "null", "inf", "1e3", "0o17", "12:30", "a: b"])
def test_what_any_reader_could_misread_is_quoted(word: str) -> None:
    assert to_yaml({"x": word}) == f'x: "{word}"\n'


NO_STATE = ["unavailable", "unknown"]
"""Where a rule names no state, these two do not count, as in replay."""


@pytest.mark.parametrize("word", ["light.hall", "at home", "living-room", "a/b", "Yesterday", "only"])
def test_plain_words_stay_bare(word: str) -> None:
    assert to_yaml({"x": word}) == f"x: {word}\n"


def test_long_words_are_quoted_in_time_that_grows_with_their_length() -> None:
    assert yaml.safe_load(to_yaml("a" * 20_000 + "!")) == "a" * 20_000 + "!"


def test_remarks_are_comments_that_nothing_in_them_can_end() -> None:
    text = render(rule(), remarks=("seen on 12 days\n- id: evil", "a\x85b\u2028c\rd\x01e")).yaml
    assert text.startswith("# seen on 12 days - id: evil\n# a b c d e\n- id: homewright_")
    assert len(yaml.safe_load(text)) == 1


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (
            StateTrigger(entity_ids=("light.a",), to=("on",), for_seconds=90),
            {"trigger": "state", "entity_id": "light.a", "not_from": NO_STATE, "to": "on", "for": "00:01:30"},
        ),
        (
            StateTrigger(entity_ids=("light.a", "light.b"), from_states=("off", "unknown")),
            {
                "trigger": "state",
                "entity_id": ["light.a", "light.b"],
                "from": ["off", "unknown"],
                "not_to": NO_STATE,
            },
        ),
        (
            StateTrigger(entity_ids=("light.a",)),
            {"trigger": "state", "entity_id": "light.a", "not_from": NO_STATE, "not_to": NO_STATE},
        ),
        (
            NumericTrigger(entity_ids=("sensor.t",), above=20.5, below=30.0, for_seconds=0.25),
            {"trigger": "numeric_state", "entity_id": "sensor.t", "above": 20.5, "below": 30, "for": "00:00:00.250"},
        ),
        (TimeTrigger(at="07:30"), {"trigger": "time", "at": "07:30:00"}),
        (
            SunTrigger(event="sunset", offset_seconds=-2700),
            {"trigger": "sun", "event": "sunset", "offset": "-00:45:00"},
        ),
        (SunTrigger(event="sunrise"), {"trigger": "sun", "event": "sunrise"}),
        (Opaque(json='{"trigger": "mqtt", "topic": "a/b"}'), {"trigger": "mqtt", "topic": "a/b"}),
    ],
)
def test_triggers(trigger: Trigger, expected: dict[str, Any]) -> None:
    assert shown(triggers=(trigger,))["triggers"] == [expected]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            StateCondition(entity_ids=("light.a",), states=("on",), for_seconds=90_000),
            {"condition": "state", "entity_id": "light.a", "state": "on", "for": "25:00:00"},
        ),
        (
            NumericCondition(entity_ids=("sensor.t",), below=5.0),
            {"condition": "numeric_state", "entity_id": "sensor.t", "below": 5},
        ),
        (
            TimeCondition(after="22:00", before="06:00", weekdays=("sat", "sun")),
            {"condition": "time", "after": "22:00:00", "before": "06:00:00", "weekday": ["sat", "sun"]},
        ),
        (
            SunCondition(after="sunset", after_offset_seconds=-3600, before_offset_seconds=5),
            {"condition": "sun", "after": "sunset", "after_offset": "-01:00:00"},
        ),
        (
            Not(conditions=(And(conditions=(Or(conditions=()),)),)),
            {
                "condition": "not",
                "conditions": [{"condition": "and", "conditions": [{"condition": "or", "conditions": []}]}],
            },
        ),
        (Opaque(json="\"{{ is_state('a.b', 'on') }}\""), "{{ is_state('a.b', 'on') }}"),
    ],
)
def test_conditions(condition: Condition, expected: Any) -> None:
    assert shown(conditions=(condition,))["conditions"] == [expected]


def test_actions() -> None:
    call = CallService(
        service="light.turn_on",
        entity_ids=("light.a",),
        area_ids=("hall",),
        data=(Datum(name="effect", value="on"), Datum(name="rgb_color", value=(1, 2, 3))),
    )
    actions = (
        call,
        Delay(seconds=3_661),
        ActivateScene(entity_id="scene.evening"),
        Notice(message="Hi", title="12:30"),
    )
    assert shown(actions=actions)["actions"] == [
        {
            "action": "light.turn_on",
            "target": {"entity_id": "light.a", "area_id": "hall"},
            "data": {"effect": "on", "rgb_color": [1, 2, 3]},
        },
        {"delay": "01:01:01"},
        {"action": "scene.turn_on", "target": {"entity_id": "scene.evening"}},
        {"action": "persistent_notification.create", "data": {"message": "Hi", "title": "12:30"}},
    ]


def test_a_notice_is_read_as_it_is_written_and_never_run_as_a_template() -> None:
    (action,) = shown(actions=(Notice(message="it's {{ 1 + 1 }}"),))["actions"]
    assert action["data"]["message"] == r"{{ 'it\'s \x7b\x7b 1 + 1 \x7d\x7d' }}"


@pytest.mark.parametrize(
    ("mode", "runs", "expected"),
    [
        ("single", 10, {"mode": "single"}),
        ("restart", 10, {"mode": "restart"}),
        ("queued", 3, {"mode": "queued", "max": 3}),
        ("parallel", 1, {"mode": "single"}),
    ],
)
def test_modes(mode: str, runs: int, expected: dict[str, Any]) -> None:
    automation = shown(mode=mode, max_runs=runs)
    assert {key: automation[key] for key in ("mode", "max") if key in automation} == expected


def test_keys_stand_in_the_order_in_which_people_read() -> None:
    assert list(shown()) == ["id", "alias", "description", "triggers", "conditions", "actions", "mode"]


def test_the_id_says_what_the_rule_does_and_not_what_it_is_called() -> None:
    assert automation_id(rule(name="A", description="x")) == automation_id(rule(name="B"))
    assert automation_id(rule()) != automation_id(rule(mode="restart"))


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"triggers": (NumericTrigger(entity_ids=("a.b",)),)}, "neither above nor below"),
        (
            {"triggers": (NumericTrigger(entity_ids=("a.b",), above=2.0, below=1.0),)},
            "no number is above 2 and below 1",
        ),
        ({"triggers": (SunTrigger(event="sunset", offset_seconds=31_536_001),)}, "longer than a year"),
        ({"triggers": (StateTrigger(entity_ids=("light._a",)),)}, "underscore"),
        ({"triggers": (Opaque(json="[1]"),)}, "no mapping"),
        ({"triggers": (Opaque(json='{"a": 1, "a": 2}'),)}, "given twice"),
        ({"conditions": (Opaque(json="3"),)}, "neither a mapping nor a template"),
        ({"conditions": (TimeCondition(),)}, "no time and no weekday"),
        ({"conditions": (SunCondition(),)}, "neither after nor before"),
        ({"actions": (ActivateScene(entity_id="light.a"),)}, "no scene"),
        ({"actions": (Opaque(json='{"a": 1e999}'),)}, "too large"),
        ({"actions": (Opaque(json='{"a": NaN}'),)}, "no JSON"),
        ({"actions": (Opaque(json="[" * 100_000),)}, "no JSON"),
        (
            {"actions": (CallService(service="a.b", data=(Datum(name="x", value=1), Datum(name="x", value=2))),)},
            "given twice",
        ),
    ],
)
def test_what_home_assistant_has_no_words_for_is_refused_with_the_reason(part: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotExpressible, match=reason):
        render(rule(**part))


@pytest.mark.parametrize(
    ("given_rule", "expected"),
    [
        (rule(), "At 07:30, turn on light.hall."),
        (
            rule(
                triggers=(StateTrigger(entity_ids=("binary_sensor.door",), to=("on",), for_seconds=300),),
                conditions=(TimeCondition(after="22:00", weekdays=("mon", "tue", "wed", "thu", "fri")),),
                actions=(ON, Delay(seconds=90), Notice(message="Door is open")),
            ),
            "When binary_sensor.door turns on and stays so for 5 minutes, if it is after 22:00 on weekdays, "
            "turn on light.hall, then wait 1 minute 30 seconds, then notify: “Door is open”.",
        ),
        (
            rule(conditions=(TimeCondition(weekdays=("mon", "tue", "wed", "thu", "fri")),)),
            "At 07:30 on weekdays, turn on light.hall.",
        ),
        (
            rule(
                triggers=(StateTrigger(entity_ids=("binary_sensor.door",), to=("on",)),),
                conditions=(
                    StateCondition(entity_ids=("a.b",), states=("home",)),
                    TimeCondition(weekdays=("sat", "sun")),
                ),
                actions=(CallService(service="cover.close_cover", entity_ids=("cover.x",)),),
            ),
            "At weekends, when binary_sensor.door turns on, if a.b is home, close cover.x.",
        ),
        (
            rule(
                triggers=(TimeTrigger(at="07:30"), SunTrigger(event="sunset")),
                conditions=(
                    TimeCondition(weekdays=("mon", "fri")),
                    Not(conditions=(TimeCondition(weekdays=("sat", "sun")),)),
                    Not(conditions=(TimeCondition(weekdays=("mon", "tue")),)),
                ),
                actions=(CallService(service="media_player.media_pause", entity_ids=("media_player.den",)),),
            ),
            "On Mondays and Fridays, at 07:30 or at sunset, if it is not so that (it is a weekend) "
            "and it is not so that (it is Monday or Tuesday), pause media_player.den.",
        ),
        (
            rule(triggers=(SunTrigger(event="sunset", offset_seconds=-1800), TimeTrigger(at="21:05:30"))),
            "30 minutes before sunset or at 21:05:30, turn on light.hall.",
        ),
        (
            rule(
                triggers=(NumericTrigger(entity_ids=("sensor.t",), below=5.0),),
                conditions=(Not(conditions=(StateCondition(entity_ids=("a.b", "c.d"), states=("home",)),)),),
            ),
            "When sensor.t falls below 5, if it is not so that (a.b and c.d are home), turn on light.hall.",
        ),
    ],
)
def test_sentences(given_rule: Rule, expected: str) -> None:
    assert sentence(given_rule) == expected
