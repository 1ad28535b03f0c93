"""Writes a simulated past as a CSV file that `homewright import` reads, and beside it what is true of it."""

from __future__ import annotations

import json
import lzma
import os
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from modules.training.internal.simulation.home import Order, Tell, live
from modules.training.internal.simulation.truth import local, truth

HEADER = "time_local,entity_id,state,origin\n"


@dataclass(frozen=True)
class SimulatedHome:
    """Where the files are, and what an import has to be told. `end` is exclusive, both are local midnights."""

    history: Path
    truth: Path
    zone: str
    latitude: float
    longitude: float
    start: datetime
    end: datetime
    rows: int
    entities: int
    habits: int


def simulate_home(
    folder: Path, order: Order, packed: bool = False, tell: Tell = lambda stage, done, total: None
) -> SimulatedHome:
    """Write `history.csv` (or `.csv.xz`) and `truth.json` below `folder`; the same order writes the same bytes.

    Each file is there whole or not at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lived = live(order, tell)
    tell("writing", 0, 1)
    history, told = folder / ("history.csv.xz" if packed else "history.csv"), folder / "truth.json"
    text = HEADER + "".join(
        f"{local(lived, row.second)},{row.entity_id},{row.state},{row.origin}\n" for row in lived.changes
    )
    _write(history, lzma.compress(text.encode(), preset=1) if packed else text.encode())
    _write(told, (json.dumps(truth(lived), indent=1) + "\n").encode())
    tell("writing", 1, 1)
    place, zone = lived.household.place, ZoneInfo(lived.household.place.zone)
    start = datetime.combine(lived.first, time(), tzinfo=zone)
    end = datetime.combine(lived.first + timedelta(weeks=order.weeks), time(), tzinfo=zone)
    entities = len({row.entity_id for row in lived.changes})
    return SimulatedHome(
        history,
        told,
        place.zone,
        place.latitude,
        place.longitude,
        start,
        end,
        len(lived.changes),
        entities,
        len(lived.habits),
    )


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)
