"""Which third-party package each of our packages imports: the text of contracts/imports.txt.

    python tests/architecture/third_party.py > contracts/imports.txt

A new line there is a new dependency of a room: it is seen in the diff, and explained in docs/decisions.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from architecture.sources import Source, sources

OURS = ("kernel", "modules", "homewright")
HEADING = "# Which third-party package each of ours imports, anywhere in it. Written by `make contracts`.\n"


def room(module: str) -> str:
    """The package that a file belongs to: kernel.<room>, modules.<name>, homewright."""
    parts = module.split(".")
    return ".".join(parts[:1] if parts[0] == "homewright" else parts[:2])


def third_party(files: Iterable[Source]) -> dict[str, set[str]]:
    """By room, the top names of what is neither ours nor of the standard library."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        tops = {name.partition(".")[0] for name in file.imports()}
        found[room(file.module)] |= tops - set(OURS) - set(sys.stdlib_module_names)
    return found


def text(files: Iterable[Source]) -> str:
    """The file, a line per room and package."""
    found = third_party(files)
    return HEADING + "".join(f"{ours} {theirs}\n" for ours in sorted(found) for theirs in sorted(found[ours]))


if __name__ == "__main__":
    print(text(sources()), end="")
