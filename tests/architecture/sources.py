"""The source tree as the house's laws see it: files, their modules and their syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SRC = CHECKOUT / "src"


@dataclass(frozen=True)
class Source:
    """One Python file of ours; `module` is its dotted name."""

    path: Path
    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def strings(self) -> Iterator[ast.Constant]:
        """The string constants that are no docstrings."""
        prose = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
                yield node

    def imports(self) -> Iterator[str]:
        """The dotted names that it imports, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


def sources(root: Path = SRC) -> list[Source]:
    """Every Python file below `root`, in order."""
    return [source(path, root) for path in sorted(root.rglob("*.py")) if "__pycache__" not in path.parts]


def source(path: Path, root: Path = SRC) -> Source:
    parts = path.relative_to(root).with_suffix("").parts
    return Source(path, ".".join(part for part in parts if part != "__init__"), path.read_text(encoding="utf-8"))
