"""A setting that changes nothing is a lie: each names the test in which changing it changes behaviour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernel.runtime.settings import settings_table

REPOSITORY = Path(__file__).parents[3]
HERE = "tests/kernel/runtime/"
HOUSE = "tests/homewright/"

EFFECTS = {
    "data_dir": HERE + "test_settings.py::test_a_database_address_is_filled_in_per_module",
    "server.host": HERE + "test_serving.py::test_it_listens_where_it_is_told",
    "server.port": HERE + "test_serving.py::test_a_taken_port_is_told_in_a_sentence",
    "server.body_bytes": HERE + "test_gateway.py::test_the_largest_body_is_as_large_as_set",
    "server.receive_seconds": HERE + "test_patience.py::test_a_body_that_does_not_come_is_told_and_hung_up_on",
    "server.stop_seconds": HERE
    + "test_serving.py::test_a_request_that_takes_longer_than_allowed_does_not_hold_the_stop",
    "database.url": HERE + "test_settings.py::test_a_database_address_is_filled_in_per_module",
    "log.level": HERE + "test_log.py::test_what_is_below_the_level_is_not_written",
    "log.format": HERE + "test_log.py::test_a_readable_line_for_people",
    "limits.requests_per_second": HERE + "test_limits.py::test_never_more_than_the_burst_and_the_refill",
    "limits.burst": HERE + "test_limits.py::test_a_token_is_limited_wherever_it_comes_from",
    "limits.failures_per_minute": HERE
    + "test_limits.py::test_wrong_tokens_are_counted_by_address_and_forgiven_with_time",
    "cache.memory_bytes": HERE + "test_cache.py::test_memory_holds_as_much_as_set",
    "cache.disk_bytes": HERE + "test_cache.py::test_the_file_stays_within_its_bound",
    "learn.cron": HERE + "test_schedule.py::test_the_line_says_when",
    "health.check_seconds": HERE + "test_health.py::test_a_check_that_hangs_fails_alone_and_in_time",
    "health.disk_free_bytes": HERE + "test_health.py::test_too_little_disk_space_is_told",
    "health.outbox_lag_seconds": HERE + "test_health.py::test_what_waits_too_long_is_told",
    "home.zone": HERE + "test_schedule.py::test_the_next_run_is_in_the_homes_own_time",
    "jobs.queue": HOUSE + "test_house.py::test_the_queue_is_as_long_as_set",
    "jobs.threads": HOUSE + "test_house.py::test_heavy_work_has_as_many_threads_as_set",
    "home.latitude": HOUSE + "test_settings_of_the_house.py::test_the_homes_coordinates_go_with_its_zone",
    "home.longitude": HOUSE + "test_settings_of_the_house.py::test_the_homes_coordinates_go_with_its_zone",
    "peers.urls": HOUSE + "test_settings_of_the_house.py::test_a_peers_address_is_where_its_facades_begin",
    "peers.token": "tests/e2e/test_extraction.py::test_a_module_moves_out_and_back_without_a_failed_call",
    "plugins.disabled": HOUSE + "test_settings_of_the_house.py::test_a_plugin_that_is_switched_off_is_not_loaded",
}


def test_every_setting_has_a_test_of_its_effect() -> None:
    names = {setting.name for setting in settings_table()}
    assert EFFECTS.keys() == names


@pytest.mark.parametrize("where", sorted(set(EFFECTS.values())))
def test_the_named_tests_are_there(where: str) -> None:
    path, name = where.split("::")
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{where} is gone: name the test that replaced it"
