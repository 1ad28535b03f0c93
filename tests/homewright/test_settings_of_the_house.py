"""Settings that take effect where the house is put together. Each test changes one and sees the difference."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homewright.fleet import Fleet
from homewright.house import open_house
from homewright.plugins import GROUP, Plugins
from kernel.facade.switch import SwitchRecord
from kernel.runtime.settings import Settings, load
from modules.patterns import History
from modules.patterns.errors import BadSource
from modules.patterns.types import ImportRequest


def settings(folder: Path, **variables: str) -> Settings:
    return load({"HOMEWRIGHT_DATA_DIR": str(folder)} | {f"HOMEWRIGHT_{name}": text for name, text in variables.items()})


async def imported_place(folder: Path, **variables: str) -> Any:
    source = folder / "one.csv"
    source.write_text("time_local,entity_id,state\n2026-01-01 12:00:00,light.a,on\n")
    async with open_house(settings(folder / "data", **variables)) as house:
        history = house.port(History)
        await history.import_file(ImportRequest(path=str(source)))
        await house.settle()
        return await history.summary()


async def test_the_homes_zone_is_what_an_import_takes(tmp_path: Path) -> None:
    there = await imported_place(tmp_path, HOME_ZONE="Asia/Tokyo")
    assert there.place.zone == "Asia/Tokyo"
    assert there.first == datetime(2026, 1, 1, 3, tzinfo=UTC)


async def test_without_a_zone_a_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no time zone was given"):
        await imported_place(tmp_path)


async def test_the_homes_coordinates_go_with_its_zone(tmp_path: Path) -> None:
    where = {"HOME_ZONE": "Europe/Berlin", "HOME_LATITUDE": "52.5", "HOME_LONGITUDE": "13.4"}
    found = await imported_place(tmp_path, **where)
    assert (found.place.latitude, found.place.longitude) == (52.5, 13.4)


class NoRecords:
    async def load(self, facade: str) -> list[SwitchRecord]:
        return []

    async def append(self, record: SwitchRecord) -> None:
        raise AssertionError("nothing is flipped here")


async def test_a_peers_address_is_where_its_facades_begin(tmp_path: Path) -> None:
    fleet = Fleet(settings(tmp_path, PEERS_URLS="patterns=http://127.0.0.1:8020").peers, NoRecords())
    (record,) = await fleet.store.load("patterns/Replay")
    assert (record.state, record.peer_url, record.changed_by) == ("remote", "http://127.0.0.1:8020", "settings")
    assert await fleet.store.load("audit/Trail") == []


def test_a_plugin_that_is_switched_off_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def points(group: str) -> list[Any]:
        assert group == GROUP
        return [Point("greeter"), Point("other")]

    monkeypatch.setattr("homewright.plugins.entry_points", points)
    assert set(Plugins.found(settings(tmp_path, PLUGINS_DISABLED="greeter")).loaded) == {"other"}
    assert set(Plugins.found(settings(tmp_path)).loaded) == {"greeter", "other"}


class Point:
    """An installed entry point."""

    value = "test:Plugin"

    def __init__(self, name: str) -> None:
        self.name = name

    def load(self) -> type:
        from homewright.api import Plugin

        return Plugin
