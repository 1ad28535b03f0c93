"""What a name or a clock time may be, wherever it comes in: a line break at its end is none of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kernel.errors import Invalid
from modules.patterns.types import ActivateScene, CallService, StateTrigger, TimeTrigger


@pytest.mark.parametrize(
    "build",
    [
        lambda end: StateTrigger(entity_ids=(f"light.hall{end}",)),
        lambda end: ActivateScene(entity_id=f"scene.evening{end}"),
        lambda end: CallService(service=f"light.turn_on{end}"),
        lambda end: TimeTrigger(at=f"07:30{end}"),
        lambda end: TimeTrigger(at=f"07:30:00{end}"),
    ],
)
def test_a_newline_at_the_end_is_refused(build: Any) -> None:
    build("")
    for end in ("\n", "\n\n", "\r\n", " "):
        with pytest.raises(Invalid, match="text that matches"):
            build(end)


@pytest.mark.parametrize(
    ("kind", "whole"),
    [(StateTrigger, {"entity_ids": ["light.hall{}"]}), (TimeTrigger, {"at": "07:30{}"})],
)
def test_a_newline_at_the_end_is_refused_from_outside(kind: Any, whole: dict[str, Any]) -> None:
    tag = {"type": kind.__struct_config__.tag}
    text = msgspec.json.encode(tag | whole).decode()
    msgspec.json.decode(text.replace("{}", ""), type=kind)
    with pytest.raises(msgspec.ValidationError, match="matching regex"):
        msgspec.json.decode(text.replace("{}", "\\n"), type=kind)
