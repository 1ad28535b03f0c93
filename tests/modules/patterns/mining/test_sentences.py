"""Habits read as people would tell them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.modules.patterns.mining.homes import HOUR, MINUTE

from modules.patterns.internal.domain import sentences
from modules.patterns.internal.domain.select_conditions import DARK
from modules.patterns.internal.domain.select_never import CRITICAL_DOMAINS, why_never
from modules.patterns.types import NumericTrigger, StateCondition, StateTrigger, TimeCondition


@pytest.mark.parametrize(
    ("entity_id", "name"),
    [
        ("light.kitchen", "the kitchen light"),
        ("light.reading_lamp", "the reading lamp"),
        ("binary_sensor.hall_motion", "the hall motion sensor"),
        ("cover.living_room_blinds", "the living room blinds"),
        ("person.anna", "Anna"),
    ],
)
def test_things_have_names(entity_id: str, name: str) -> None:
    assert sentences.thing(entity_id) == name


def test_a_habit_of_the_clock() -> None:
    told = sentences.time_habit("weekday", "06:45", "light.kitchen", "on")
    assert told == "On weekdays around 06:45 somebody turns on the kitchen light"


def test_a_reaction() -> None:
    trigger = StateTrigger(entity_ids=("binary_sensor.front_door",), to=("on",), for_seconds=600)
    told = sentences.reaction_habit(trigger, 42.0, "light.hall", "off")
    assert told == (
        "When the front door sensor has been on for 10 minutes, somebody turns off the hall light, "
        "usually within 42 seconds"
    )


def test_a_reaction_to_a_number() -> None:
    trigger = NumericTrigger(entity_ids=("sensor.balcony_brightness",), below=120.0)
    assert sentences.reaction_habit(trigger, 60.0, "light.hall", "on").startswith(
        "When the balcony brightness sensor falls below 120,"
    )


def test_conditions_are_told() -> None:
    conditions = (
        TimeCondition(after="17:00:00", before="23:30:00"),
        DARK,
        StateCondition(entity_ids=("person.anna",), states=("home",)),
    )
    assert sentences.given(conditions) == " (between 17:00 and 23:30, in the dark, while Anna is home)"
    assert sentences.given(()) == ""


def test_the_usual_time_of_a_window_over_midnight_is_not_noon() -> None:
    local = np.array([23 * HOUR + 50 * MINUTE, 24 * HOUR + 4 * MINUTE, 48 * HOUR + 6 * MINUTE])
    assert sentences.around(local, 23 * HOUR) == "00:05"


@pytest.mark.parametrize(
    "entity_id",
    ["lock.front", "cover.garage", "cover.garden_gate", "switch.coffee_oven", "switch.pump_2", "fan.heater", "siren.x"],
)
def test_what_is_critical_is_known_by_domain_or_word(entity_id: str) -> None:
    assert why_never(entity_id)


_CRITICAL = """
    switch.space_heaters switch.ovens switch.pumps switch.waterpump cover.front_gates cover.garagedoor
    cover.garagentor switch.backofen switch.heizung switch.microwave switch.cpap switch.heatpump switch.heat_pump
    input_boolean.heating input_boolean.alarm_armed light.sauna_heater media_player.alarm switch.Oven switch.oven2
    switch.wallboxes cover.haustuer switch.elektroherd switch.waschmaschine switch.fussbodenheizung
    switch.gefrierschrank switch.four switch.micro_ondes switch.chauffage switch.chauffe_eau cover.portail
    switch.lave_linge switch.horno switch.calefaccion switch.bomba_piscina cover.puerta_garaje switch.nevera
    switch.verwarming switch.waterkoker cover.voordeur switch.vaatwasser fan.droger switch.koelkast light.garage
"""


@pytest.mark.parametrize("entity_id", _CRITICAL.split())
def test_plurals_compounds_and_other_languages_are_critical_in_every_domain(entity_id: str) -> None:
    assert why_never(entity_id)


_HARMLESS = """
    cover.blinds switch.gateway_lamp media_player.den light.outdoor_lamp light.indoor switch.clock light.moving_head
    switch.motor switch.investigate light.environment light.hobby_room switch.pumpkin_lights light.gaste_wc
    light.living_room light.wohnzimmer light.cocina light.cuisine light.keuken light.kuche light.bathroom light.hall
    switch.coffee_machine switch.tv switch.desk_lamp switch.monitor light.heather light.natur light.block fan.bedroom
    light.salon light.chambre light.dormitorio light.slaapkamer light.schlafzimmer light.flur light.terrasse light.bed
    input_boolean.guests media_player.living_room cover.rollladen_wohnzimmer cover.volet_salon light.laterne
    light.porch light.kitchen_counter light.corridor light.toilet humidifier.nursery switch.christmas_tree
    light.lantern light.stairs
"""


@pytest.mark.parametrize("entity_id", _HARMLESS.split())
def test_what_is_harmless_may_be_proposed(entity_id: str) -> None:
    assert why_never(entity_id) is None


def test_every_reason_is_a_reason() -> None:
    assert all(len(reason) > 10 for reason in CRITICAL_DOMAINS.values())
