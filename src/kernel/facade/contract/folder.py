"""The contracts as files, generated and committed:

contracts/<module>/v1.json                                 what the code promises
contracts/<module>/samples/<facade>.<operation>.json       a request, a reply, the errors
contracts/<module>/released/v1.json                        what the last release promised
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from kernel.facade.contract.document import contract_of
from kernel.facade.contract.samples import sample_of
from kernel.facade.contract.verdict import Change, verdict
from kernel.facade.event import Event
from kernel.facade.operation import Facade

Promised = tuple[Iterable[Facade], Iterable[type[Event]]]
"""A module's FACADES and its `events_in`."""


@dataclass(frozen=True)
class Difference:
    """Why `contracts/` is not in order. `change` is set where a release's promise is touched."""

    module: str
    sentence: str
    change: Change | None = None

    @property
    def breaks(self) -> bool:
        return self.change is not None and self.change.breaks is not None

    def __str__(self) -> str:
        return f"{self.module}: {self.sentence}"


def events_in(events: ModuleType) -> tuple[type[Event], ...]:
    """The events of a module's `events.py`: its Event classes that no other one derives from."""
    kinds = [
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == events.__name__
    ]
    return tuple(kind for kind in kinds if not any(kind in other.__bases__ for other in kinds))


def write_contracts(modules: Mapping[str, Promised], folder: Path) -> list[Path]:
    """Write what the code promises now, remove samples of operations that are gone. Gives the files that changed."""
    changed = []
    for module, promised in modules.items():
        files = _files(folder / module, promised)
        for path, data in files.items():
            if not path.exists() or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                changed.append(path)
        for path in _stray(folder / module, files):
            path.unlink()
            changed.append(path)
    return changed


def compare_contracts(modules: Mapping[str, Promised], folder: Path) -> list[Difference]:
    """What is wrong with the committed files: not what the code says, or breaking what was released.

    Changes against the release that break nobody are listed, too; `breaks` tells them apart.
    """
    found: list[Difference] = []
    for module, promised in modules.items():
        files = _files(folder / module, promised)
        for path, data in files.items():
            name = path.relative_to(folder / module).as_posix()
            if not path.exists():
                found.append(Difference(module, f"{name} is missing: write the contracts anew"))
            elif path.read_bytes() != data:
                found.append(Difference(module, f"{name} is not what the code says: write the contracts anew"))
        for path in _stray(folder / module, files):
            found.append(Difference(module, f"samples/{path.name} is of no operation: write the contracts anew"))
        found.extend(_against_release(module, folder / module, promised))
    return found


def release_contracts(modules: Mapping[str, Promised], folder: Path) -> None:
    """Make what the code promises now the baseline that later changes are judged by."""
    for module, (facades, events) in modules.items():
        path = folder / module / "released" / "v1.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_pretty(contract_of(facades, events)))


def _against_release(module: str, folder: Path, promised: Promised) -> list[Difference]:
    released = folder / "released" / "v1.json"
    if not released.exists():
        return []
    old = msgspec.json.decode(released.read_bytes())
    new = msgspec.json.decode(msgspec.json.encode(contract_of(*promised)))
    return [Difference(module, str(change), change) for change in verdict(old, new)]


def _files(folder: Path, promised: Promised) -> dict[Path, bytes]:
    facades, events = promised
    files = {folder / "v1.json": _pretty(contract_of(facades, events))}
    for facade in facades:
        for operation in facade.operations:
            files[folder / "samples" / f"{facade.name}.{operation.name}.json"] = _pretty(sample_of(operation))
    return files


def _stray(folder: Path, files: Mapping[Path, bytes]) -> list[Path]:
    return [path for path in sorted((folder / "samples").glob("*.json")) if path not in files]


def _pretty(document: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=2) + b"\n"
