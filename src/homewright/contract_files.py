"""The committed contracts: each module's promise, its samples, its last release, and the REST as OpenAPI."""

from __future__ import annotations

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from homewright import registry
from kernel.facade.contract import compare_contracts, release_contracts, write_contracts
from kernel.facade.contract.folder import Promised

OPENAPI = "openapi.json"


class Told(msgspec.Struct, frozen=True):
    """A difference. `only_told`: a change since the release that breaks nobody; not a reason to fail."""

    sentence: str
    only_told: bool

    def __str__(self) -> str:
        return self.sentence


def promised() -> dict[str, Promised]:
    return {name: (surface.facades, surface.events) for name, surface in registry.surfaces().items()}


async def write_all(folder: Path) -> list[Path]:
    """Write what the code promises now. Gives the files that changed."""
    changed = write_contracts(promised(), folder)
    path, document = folder / OPENAPI, await openapi_document()
    if not path.exists() or path.read_bytes() != document:
        path.write_bytes(document)
        changed.append(path)
    return changed


def release_all(folder: Path) -> None:
    """Make today's promises the baseline."""
    release_contracts(promised(), folder)


async def compare(folder: Path) -> list[Told]:
    """What is not in order with the folder, then what has changed since the release without harm."""
    differences = compare_contracts(promised(), folder)
    found = [Told(str(one), only_told=one.change is not None and not one.breaks) for one in differences]
    path = folder / OPENAPI
    if not path.exists() or path.read_bytes() != await openapi_document():
        found.append(Told(f"{OPENAPI} is not what the code serves: write the contracts anew", only_told=False))
    return sorted(found, key=lambda one: one.only_told)


async def openapi_document() -> bytes:
    """The OpenAPI document of a house without plugins, as `/schema/openapi.json` serves it."""
    from homewright.house import open_house
    from homewright.server import application
    from homewright.works import Works
    from kernel.runtime.schedule import Schedule
    from kernel.runtime.settings import load

    with tempfile.TemporaryDirectory() as folder:
        settings = load({"HOMEWRIGHT_DATA_DIR": folder})
        async with open_house(settings) as house:
            house.plugins.loaded.clear()
            schedule = Schedule(house.database, ZoneInfo("UTC"))
            schema = application(house, Works({}), schedule, main=True).openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic", enc_hook=str), indent=2) + b"\n"
