"""Homewright, in process: open a house on a data folder and call its facades.

    import asyncio, homewright

    async def main() -> None:
        async with homewright.open("~/homewright-data") as house:
            summary = await house.port(homewright.History).summary()
            print(summary.changes, "changes of", summary.entities, "entities")

    asyncio.run(main())

A house opened this way runs jobs and delivers events while it is open, beside a server on the same folder if there is
one. Plugins are written against `homewright.api`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modules.audit import Trail
from modules.automation import Automations, Suggestions
from modules.patterns import History, Patterns, Replay

if TYPE_CHECKING:
    from homewright.house import House

__all__ = ["Automations", "History", "Patterns", "Replay", "Suggestions", "Trail", "open"]


@asynccontextmanager
async def open(data_dir: str | Path | None = None) -> AsyncIterator[House]:
    """The house on `data_dir` (default: as the command line finds it), at work while the block runs.

    Raises BadSettings for settings that cannot be used, Unavailable and the like for databases.
    """
    from homewright.house import open_house
    from kernel.runtime.settings import load

    settings = load(os.environ, flags={"data_dir": None if data_dir is None else str(data_dir)})
    async with open_house(settings) as house:
        async with house.working():
            yield house
        await house.deliver()
