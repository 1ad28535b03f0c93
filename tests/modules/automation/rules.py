"""Rules of every shape for property tests: all parts of the language, with the texts that trip YAML readers."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

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
)

TRAPS = (
    *(
        "on",
        "off",
        "yes",
        "no",
        "y",
        "N",
        "True",
        "false",
        "null",
        "~",
        "",
        " ",
        "=",
        "<<",
        "-",
        "?",
        ":",
        "!x",
        "&a",
        "*a",
    ),
    *(
        "12:30:00",
        "1:30",
        "007",
        "0o17",
        "0x1F",
        "1_000",
        "1e3",
        "1.5",
        ".5",
        "-.inf",
        ".NaN",
        "+1",
        "2026-11-20",
        "0b1",
    ),
    *(
        "a: b",
        "a #b",
        "# c",
        "- d",
        "[x]",
        "{y: 1}",
        "'q'",
        '"q"',
        "a\\b",
        "%TAG",
        "@x",
        "`z`",
        "|",
        ">",
        "key:",
        "a, b",
    ),
    *(
        "two\nlines",
        "tab\there",
        "Zoë",
        "灯",
        "💡",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "trailing ",
        "{% raw %}",
        "\x01",
    ),
)
TEXTS = st.sampled_from(TRAPS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
WORDS = st.from_regex(r"[a-z0-9]{1,6}(_[a-z0-9]{1,6})?", fullmatch=True)
ENTITIES = st.builds("{}.{}".format, st.sampled_from(["light", "switch", "sensor", "person", "on"]) | WORDS, WORDS)
SEVERAL = st.lists(ENTITIES, min_size=1, max_size=3).map(tuple)
STATES = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
SECONDS = st.sampled_from([0.0, 0.5, 1.0, 59.0, 60.0, 3_661.25, 90_000.0]) | st.floats(0, 31_536_000)
NUMBERS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 21.0, -0.5])
CLOCKS = st.times().map(lambda at: at.strftime("%H:%M:%S")) | st.sampled_from(
    ["07:30", "00:00", "12:30:00", "23:59:59"]
)
SUNS = st.sampled_from(["sunrise", "sunset"])
OFFSETS = st.integers(-31_536_000, 31_536_000) | st.integers(-7_200, 7_200)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXTS, part, max_size=3), max_leaves=6
)


def between(low: float, high: float) -> dict[str, float]:
    return {"above": min(low, high), "below": max(low, high)}


LIMITS = (
    st.builds(between, NUMBERS, NUMBERS)
    | NUMBERS.map(lambda above: {"above": above})
    | NUMBERS.map(lambda below: {"below": below})
)


def _opaque(value: SearchStrategy[object]) -> SearchStrategy[Opaque]:
    return value.map(lambda kept: Opaque(json=json.dumps(kept)))


KEPT_TRIGGERS = _opaque(
    st.builds(lambda state: {"trigger": "event", "event_type": "button", "event_data": {"state": state}}, TEXTS)
)
KEPT_CONDITIONS = _opaque(st.builds(lambda state: {"condition": "template", "value_template": "{{ true }}"}, TEXTS))
KEPT_ACTIONS = _opaque(
    st.builds(lambda told: {"event": "told", "event_data": {"text": told}}, st.sampled_from(TRAPS[:-2]))
)

TRIGGERS = st.one_of(
    st.builds(
        StateTrigger,
        entity_ids=SEVERAL,
        to=st.just(()) | STATES,
        from_states=st.just(()) | STATES,
        for_seconds=SECONDS,
    ),
    LIMITS.flatmap(
        lambda limits: st.builds(
            NumericTrigger, entity_ids=SEVERAL, for_seconds=SECONDS, **{k: st.just(v) for k, v in limits.items()}
        )
    ),
    st.builds(TimeTrigger, at=CLOCKS),
    st.builds(SunTrigger, event=SUNS, offset_seconds=OFFSETS),
    KEPT_TRIGGERS,
)
DAYS = st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), unique=True).map(tuple)
LEAVES: SearchStrategy[Condition] = st.one_of(
    st.builds(StateCondition, entity_ids=SEVERAL, states=STATES, for_seconds=SECONDS),
    LIMITS.flatmap(
        lambda limits: st.builds(NumericCondition, entity_ids=SEVERAL, **{k: st.just(v) for k, v in limits.items()})
    ),
    st.builds(TimeCondition, after=CLOCKS, before=st.none() | CLOCKS, weekdays=DAYS),
    st.builds(TimeCondition, weekdays=DAYS.filter(bool)),
    st.builds(
        SunCondition, after=SUNS, before=st.none() | SUNS, after_offset_seconds=OFFSETS, before_offset_seconds=OFFSETS
    ),
    KEPT_CONDITIONS,
)
CONDITIONS: SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        *(st.builds(kind, conditions=st.lists(part, max_size=3).map(tuple)) for kind in (And, Or, Not))
    ),
    max_leaves=5,
)
DATA = st.lists(
    st.builds(Datum, name=TEXTS, value=SCALARS | st.lists(SCALARS, max_size=3).map(tuple) | _opaque(JSON)),
    max_size=3,
    unique_by=lambda datum: datum.name,
).map(tuple)
ACTIONS = st.one_of(
    st.builds(
        CallService,
        service=st.sampled_from(["light.turn_on", "switch.turn_off", "media_player.play_media"]),
        entity_ids=st.just(()) | SEVERAL,
        area_ids=st.just(()) | st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
        data=DATA,
    ),
    st.builds(Delay, seconds=SECONDS),
    st.builds(ActivateScene, entity_id=WORDS.map("scene.{}".format)),
    st.builds(Notice, message=TEXTS, title=TEXTS),
    KEPT_ACTIONS,
)
RULES = st.builds(
    Rule,
    name=TEXTS.filter(bool),
    triggers=st.lists(TRIGGERS, min_size=1, max_size=3).map(tuple),
    conditions=st.lists(CONDITIONS, max_size=3).map(tuple),
    actions=st.lists(ACTIONS, min_size=1, max_size=3).map(tuple),
    mode=st.sampled_from(["single", "restart", "queued", "parallel"]),
    max_runs=st.integers(1, 1000),
    description=TEXTS,
)
"""Rules that Home Assistant takes, as far as the language itself does not allow nonsense."""
