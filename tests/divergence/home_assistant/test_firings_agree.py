"""Our engine and Home Assistant's, on the same rules and the same streams: they must fire at the same times.

Known and wanted differences, which the cases leave out:

- A rule's empty `from`/`to` leaves `unavailable` and `unknown` out; Home Assistant must be told so (`not_from`,
  `not_to`).
- The first row of an entity is no transition for us: a log begins somewhere. Home Assistant sees an entity come.
- At one and the same instant (a wait that ends as the state is left, two entities in one millisecond) Home Assistant's
  order is a race; we take all rows of an instant as happened, and a wait as broken.
- Home Assistant fires up to half a second after a clock's stroke, and forgets its waits at a restart; we do neither.
- The sun is computed at sea level by us, at the configured elevation by Home Assistant.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from divergence.home_assistant.cases import PLACES, Case, cases
from modules.patterns.internal.domain.effects import effects_of
from modules.patterns.internal.domain.fire import all_firings
from modules.patterns.internal.domain.log import Log
from modules.patterns.types import Rule

SEED = int(os.environ.get("HOMEWRIGHT_TEST_HA_SEED", "1"))
RULES_EACH = 40
TOLERANCE_MS = 2500
"""Home Assistant strikes the hour up to half a second late, and its astral is a second off ours."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Case], list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("referee")
    told = cases(SEED, RULES_EACH)
    (folder / "cases.json").write_text(json.dumps([case.told() for case in told]))
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    shutil.copy(Path(__file__).with_name("referee.py"), folder / "test_referee.py")
    run = subprocess.run(
        [os.environ["HOMEWRIGHT_TEST_HA_PYTHON"], "-m", "pytest", "-q", "-x", "test_referee.py"],
        cwd=folder,
        env={**os.environ, "HOMEWRIGHT_REFEREE_CASES": str(folder / "cases.json")},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    return told, [json.loads((folder / f"told-{number}.json").read_text()) for number in range(len(told))]


@pytest.mark.parametrize("number", range(len(PLACES)), ids=[f"{place[0]}-{place[3]}" for place in PLACES])
def test_rules_fire_when_they_fire_in_home_assistant(played, number):
    case, theirs = played[0][number], played[1][number]
    log = _log(case)
    wrong = [
        difference
        for index, rule in enumerate(case.rules)
        for difference in _differences(rule, log, case, theirs["triggered"][index], theirs["called"][index])
    ]
    assert not wrong, "\n\n".join(wrong)
    assert sum(len(times) for times in theirs["triggered"]) > RULES_EACH


def _differences(rule: Rule, log: Log, case: Case, triggered: list[float], called: list[Any]) -> list[str]:
    runs = all_firings(rule, log)
    ours = sorted(
        (int(at), effect.state)
        for effect in effects_of(rule, log).effects
        for at in runs.begins[runs.reached(effect.after_ms)] + effect.after_ms
    )
    calls = [(at, service.removeprefix("turn_")) for at, service in called]
    pairs = (
        ("triggered", [(int(at), "") for at in runs.times], [(at, "") for at in triggered]),
        ("called", ours, calls),
    )
    return [
        f"{what} {rule}\nours   {_words(mine, case)}\ntheirs {_words(real, case)}"
        for what, mine, real in ((name, _before_end(a, case), _before_end(b, case)) for name, a, b in pairs)
        if not _alike(mine, real)
    ]


def _before_end(events: list[tuple[Any, str]], case: Case) -> list[tuple[Any, str]]:
    return [event for event in events if event[0] < case.end_ms - TOLERANCE_MS]


def _alike(mine: list[tuple[Any, str]], real: list[tuple[Any, str]]) -> bool:
    return len(mine) == len(real) and all(
        abs(one[0] - other[0]) < TOLERANCE_MS and one[1] == other[1] for one, other in zip(mine, real, strict=True)
    )


def _words(events: list[tuple[Any, str]], case: Case) -> str:
    return ", ".join(f"{np.datetime64(int(at), 'ms')}{what}" for at, what in events[:12])


def _log(case: Case) -> Log:
    lights = [(f"light.{rule.name}", "off") for rule in case.rules]
    rows = sorted({(case.start_ms, entity, state) for entity, state in [*case.first, *lights]} | set(case.events))
    entity_ids = tuple(sorted({row[1] for row in rows}))
    state_names = tuple(sorted({row[2] for row in rows} | {"on"}))
    return Log(
        times=np.array([row[0] for row in rows], dtype=np.int64),
        entities=np.array([entity_ids.index(row[1]) for row in rows], dtype=np.int32),
        states=np.array([state_names.index(row[2]) for row in rows], dtype=np.int32),
        origins=np.zeros(len(rows), dtype=np.uint8),
        entity_ids=entity_ids,
        state_names=state_names,
        zone=ZoneInfo(case.zone),
        latitude=case.latitude,
        longitude=case.longitude,
    )
