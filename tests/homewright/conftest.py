"""A house on a folder of its own, opened as the command line opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from homewright.house import House, open_house
from kernel.runtime.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"HOMEWRIGHT_DATA_DIR": str(tmp_path / "data"), "HOMEWRIGHT_SERVER_PORT": "0"})


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    async with open_house(settings) as house:
        yield house
