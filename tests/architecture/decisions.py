"""The index of the decisions: the text of docs/decisions/README.md.

python tests/architecture/decisions.py > docs/decisions/README.md
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
HEADING = """# Decisions

One page each: what was decided, why, and the price that was paid. Written by `make docs`.

| | decision |
|---|---|
"""


def pages() -> list[Path]:
    """Every decision, in order."""
    return sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


def text() -> str:
    return HEADING + "".join(f"| {path.name[:4]} | [{title(path)}]({path.name}) |\n" for path in pages())


def title(path: Path) -> str:
    """The first heading, without a number."""
    heading = re.search(r"^# (.*)$", path.read_text(encoding="utf-8"), re.M)
    assert heading, f"{path.name} has no heading"
    return re.sub(r"^(?:ADR )?\d+\s*[.:–-]?\s*", "", heading[1])


if __name__ == "__main__":
    print(text(), end="")
