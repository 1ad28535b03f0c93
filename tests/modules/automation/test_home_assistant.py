"""Home Assistant's own validator takes whatever is rendered. Only where a Home Assistant is at hand.

HOMEWRIGHT_TEST_HA_PYTHON: a Python that has `homeassistant`. HOMEWRIGHT_TEST_HA_VALIDATE: a program that reads a file
of automations with it and writes one JSON object per automation, with `valid` and `error`.
Without them the suite has no such test.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from modules.automation.internal.domain.render import render
from modules.patterns.types import Rule

from . import rules

PYTHON = os.environ.get("HOMEWRIGHT_TEST_HA_PYTHON")
VALIDATE = os.environ.get("HOMEWRIGHT_TEST_HA_VALIDATE")


def verdicts(file: Path) -> list[dict[str, Any]]:
    command = [PYTHON or "", VALIDATE or "", str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def corpus(size: int) -> list[str]:
    texts: list[str] = []

    @seed(20)
    @settings(
        max_examples=size,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(rules.RULES)
    def collect(rule: Rule) -> None:
        texts.append(render(rule, remarks=("evidence: 12 of 14 days",)).yaml)

    collect()
    return texts


if PYTHON and VALIDATE:

    def test_home_assistant_takes_every_rendered_rule(tmp_path: Path) -> None:
        texts = corpus(300)
        file = tmp_path / "automations.yaml"
        file.write_text("".join(texts), "utf-8")
        found = verdicts(file)
        refused = [(one["error"], texts[at]) for at, one in enumerate(found) if not one["valid"] or one["warnings"]]
        assert len(found) == len(texts)
        assert refused == []

    def test_home_assistant_refuses_what_is_wrong(tmp_path: Path) -> None:
        file = tmp_path / "automations.yaml"
        file.write_text(corpus(1)[0].replace("triggers:", "trigers:"), "utf-8")
        assert [one["valid"] for one in verdicts(file)] == [False]
