"""Runs in Home Assistant's own test kit, not in ours: plays streams of states to real automations in simulated time.

Reads cases from the file named by HOMEWRIGHT_REFEREE_CASES and writes next to it, per case and rule, when the
automation was triggered and which services it called when (milliseconds since 1970). Time jumps from one thing due to
the next, so a day takes a moment.
"""

import asyncio
import json
import os
from pathlib import Path

import pytest
from homeassistant.core import callback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed_exact, async_mock_service

FILE = Path(os.environ["HOMEWRIGHT_REFEREE_CASES"])
CASES = json.loads(FILE.read_text())
TURNS_OF_THE_LOOP = 12
A_LITTLE = 0.002


@pytest.fixture
def expected_lingering_timers():
    """The automations still wait for tomorrow when a case ends."""
    return True


@pytest.mark.parametrize("number", range(len(CASES)))
async def test_play(hass, freezer, number):
    case = CASES[number]
    freezer.move_to(_at(case["start"]))
    place = {"latitude": case["latitude"], "longitude": case["longitude"], "elevation": 0}
    await hass.config.async_update(time_zone=case["zone"], **place)
    for entity_id, state in case["first"]:
        hass.states.async_set(entity_id, state)
    told = _listen(hass, len(case["automations"]))
    assert await async_setup_component(hass, "automation", {"automation": case["automations"]})
    await _turn()
    for at, entity_id, state in [*case["events"], (case["end"], None, None)]:
        await _pass_time(hass, freezer, at / 1000)
        if entity_id is not None:
            hass.states.async_set(entity_id, state)
        await _turn()
    await asyncio.to_thread(FILE.with_name(f"told-{number}.json").write_text, json.dumps(told))
    for automation in range(len(case["automations"])):
        await hass.services.async_call("automation", "turn_off", {"entity_id": f"automation.r{automation}"})
    await _turn()


def _listen(hass, rules):
    """What happens from now on: {"triggered": [[ms], …], "called": [[[ms, service], …], …]} by rule."""
    told = {"triggered": [[] for _ in range(rules)], "called": [[] for _ in range(rules)]}
    async_mock_service(hass, "light", "turn_on")
    async_mock_service(hass, "light", "turn_off")

    @callback
    def triggered(event):
        told["triggered"][int(event.data["name"].removeprefix("r"))].append(_now())

    @callback
    def called(event):
        if event.data["domain"] == "light":
            (target,) = event.data["service_data"]["entity_id"]
            told["called"][int(target.removeprefix("light.r"))].append([_now(), event.data["service"]])

    hass.bus.async_listen("automation_triggered", triggered)
    hass.bus.async_listen("call_service", called)
    return told


async def _pass_time(hass, freezer, until):
    """Stop at everything that is due before `until`, in order."""
    while (due := _next_due(hass)) is not None and due < until:
        freezer.move_to(_at_seconds(max(due, _now() / 1000) + A_LITTLE))
        async_fire_time_changed_exact(hass, dt_util.utcnow())
        await _turn()
    freezer.move_to(_at_seconds(until))


def _next_due(hass):
    waiting = [handle.when() for handle in hass.loop._scheduled if not handle.cancelled()]
    return _now() / 1000 + min(waiting) - hass.loop.time() if waiting else None


async def _turn():
    for _ in range(TURNS_OF_THE_LOOP):
        await asyncio.sleep(0)


def _now():
    return dt_util.utcnow().timestamp() * 1000


def _at(ms):
    return _at_seconds(ms / 1000)


def _at_seconds(seconds):
    return dt_util.utc_from_timestamp(seconds)
