"""What becomes of a trigger while the rule still runs."""

from __future__ import annotations

import pytest

from modules.patterns.internal.domain import fire
from modules.patterns.internal.domain.timeline import NEVER
from modules.patterns.types import CallService, Delay, StateTrigger, TimeCondition

BELL = StateTrigger(entity_ids=("switch.bell",), to=("on",))
RINGS = [
    "07:00 switch.bell off",
    *(f"08:{minute:02}:00 switch.bell on" for minute in (0, 2, 4, 10)),
    *(f"08:{minute:02}:30 switch.bell off" for minute in (0, 2, 4, 10)),
    "07:00 light.hall off",
]
ON = CallService(service="light.turn_on", entity_ids=("light.hall",))
OFF = CallService(service="light.turn_off", entity_ids=("light.hall",))


@pytest.fixture(scope="session")
def runs(past, make_rule, told):
    def run(mode, max_runs=10, delay=300, **rest):
        rule = make_rule(BELL, do=(ON, Delay(seconds=delay), OFF), mode=mode, max_runs=max_runs, **rest)
        found = fire.firings(rule, past(*RINGS), 0, 2**62)
        return [one[6:] for one in told(found.times)], [one[6:] for one in told(found.begins)], found.stops

    return run


def test_single_drops_triggers_while_it_runs(runs):
    assert runs("single")[0] == ["00:00", "10:00"]


def test_a_run_that_ends_at_the_instant_of_a_trigger_has_ended(runs):
    assert runs("single", delay=120)[0] == ["00:00", "02:00", "04:00", "10:00"]
    assert runs("parallel", max_runs=1, delay=120)[0] == ["00:00", "02:00", "04:00", "10:00"]
    assert (runs("restart", delay=120)[2] == NEVER).all()


def test_without_delays_nothing_is_dropped(runs):
    assert runs("single", delay=0)[0] == ["00:00", "02:00", "04:00", "10:00"]


def test_restart_cuts_the_running_one_off(runs):
    times, begins, stops = runs("restart")
    assert times == begins == ["00:00", "02:00", "04:00", "10:00"]
    assert [stop == NEVER for stop in stops] == [False, False, True, True]


def test_queued_begins_when_those_before_have_ended_and_drops_beyond_its_limit(runs):
    assert runs("queued")[1] == ["00:00", "05:00", "10:00", "15:00"]
    assert runs("queued", max_runs=2)[:2] == (["00:00", "02:00", "10:00"], ["00:00", "05:00", "10:00"])


def test_parallel_runs_beside_up_to_its_limit(runs):
    assert runs("parallel")[0] == ["00:00", "02:00", "04:00", "10:00"]
    assert runs("parallel", max_runs=2)[0] == ["00:00", "02:00", "10:00"]


def test_a_trigger_that_fails_its_conditions_does_not_occupy_the_rule(runs):
    assert runs("single", when=(TimeCondition(after="08:01"),))[0] == ["02:00", "10:00"]
