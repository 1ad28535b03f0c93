"""The house's own rules about names, sizes and what a file may say. Each docstring tells the reason."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.sources import CHECKOUT, Source, sources

LONGEST = 400
FUNCTION = 60
EMPTY_WORDS = re.compile(r"(?:Manager|Helper|Helpers|Util|Utils|Processor|Impl|Base)(?:$|[A-Z_])")
EMPTY_FILES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}


def tracked() -> list[Path]:
    """The text files that a clone has."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, check=True, capture_output=True).stdout.decode()
    paths = (CHECKOUT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def test_a_file_is_a_room_with_a_name() -> None:
    """A file of more than 400 lines has two subjects; most need fewer than 90."""
    lengths = {file.path: file.text.count("\n") for file in sources()}
    assert not {path: length for path, length in lengths.items() if length > LONGEST}
    assert statistics.median(length for length in lengths.values() if length) <= 90


def test_a_function_does_one_thing() -> None:
    """What needs more than sixty lines does several; most need fewer than fifteen."""
    lengths = {f"{file.module}.{node.name}": _length(node) for file in sources() for node in _functions(file)}
    assert not {name: length for name, length in lengths.items() if length > FUNCTION}
    assert statistics.mean(lengths.values()) <= 15


def test_names_come_from_the_house_and_the_field() -> None:
    """A `Manager` manages anything; a name that says nothing attracts everything."""
    assert not list(empty_names(sources()))


@pytest.mark.parametrize("text", ["class HouseManager: ...", "class RuleHelper: ...", "class BaseStore: ..."])
def test_an_empty_name_is_caught(text: str) -> None:
    assert list(empty_names([Source(Path("x.py"), "modules.audit.x", text)]))


def test_an_empty_file_name_is_caught() -> None:
    assert list(empty_names([Source(Path("utils.py"), "modules.audit.internal.utils", "")]))


def test_a_public_package_gives_exactly_what_it_declares() -> None:
    """`from package import name` works for the names in `__all__`, and for no other of ours by accident."""
    packages = [file for file in sources() if file.path.name == "__init__.py"]
    public = [file for file in packages if not re.search(r"\.(?:internal|commands)\b", file.module)]
    assert len(public) >= 15
    assert not [found for file in public for found in undeclared(file)]


@pytest.mark.parametrize(
    "text",
    [
        "from modules.audit.facade import Trail\n",
        "from modules.audit.facade import FACADES, Trail\n__all__ = ['Trail']\n",
        "__all__ = ['nothing']\n",
        "def f(): ...\n__all__ = []\n",
        "A = 1\n",
        "from modules.audit.facade import Trail as _trail\n__all__ = ['_trail']\n",
    ],
)
def test_an_undeclared_name_is_caught(text: str) -> None:
    assert list(undeclared(Source(Path("__init__.py"), "modules.audit", text)))


def test_every_file_opens_with_what_it_is_for() -> None:
    """A reader who opens a room is told where he is."""
    assert not [file.module for file in sources() if file.text.strip() and not ast.get_docstring(file.tree)]


def test_nothing_is_unfinished_or_switched_off() -> None:
    """A test that is skipped cannot fail; a stub looks like the real thing."""
    marks = re.compile(r"\bTOD[O]\b|FIXM[E]|pytest\.sk[i]p|mark\.sk[i]p|\bxf[a]il")
    tests = sources(CHECKOUT / "tests")
    assert not [f"{file.path}: {found[0]}" for file in [*sources(), *tests] if (found := marks.search(file.text))]
    assert not [file.path for file in sources() if "NotImplementedError" in file.text]


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """A path or a package index of one machine fails on every other."""
    assert not [
        found for path in tracked() for found in machine_marks(path.read_text(encoding="utf-8", errors="replace"))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "open('/ro|ot/.cache/x')",
        "cd /wo|rk/main",
        "path = '/ho|me/anna/homewright'",
        "pip install --index|-url=https://x",
        "--extra-index|-url x",
        "find|-links = x",
        "PIP_INDEX|_URL=x",
        "file:|///opt/x",
    ],
)
def test_a_mark_of_a_machine_is_caught(text: str) -> None:
    """The bars keep this file from being caught itself."""
    assert list(machine_marks(text.replace("|", "")))
    assert not list(machine_marks(text))


def empty_names(files: list[Source]) -> Iterator[str]:
    for file in files:
        if file.module.rpartition(".")[2] in EMPTY_FILES:
            yield file.module
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef) and (EMPTY_WORDS.search(node.name) or node.name.startswith("Base")):
                yield f"{file.module}.{node.name}"


def undeclared(file: Source) -> Iterator[str]:
    """Names of ours that the file binds and does not declare, and names that it declares and does not bind."""
    bound = {name: ours for node in file.tree.body for name, ours in _bound(node)}
    declared = set(_declared(file.tree))
    for name, ours in bound.items():
        if ours and name[0] != "_" and name not in declared:
            yield f"{file.module} gives {name} and does not declare it"
    if "__getattr__" not in bound:
        yield from (f"{file.module} declares {name} and does not have it" for name in declared - set(bound))
    yield from (f"{file.module} declares the private {name}" for name in declared if _private(name))


def machine_marks(text: str) -> Iterator[str]:
    """Absolute paths of somebody's machine, and addresses of package indexes."""
    paths = r"(?<![A-Za-z0-9_.$}|-])/(?:wor[k]|far[m]|roo[t]|User[s]/\w+|hom[e]/(?!homewright\b)\w+)/"
    indexes = r"index[-_]ur[l]|find[-_]link[s]|file:[/]{3}"
    for found in re.finditer(f"{paths}|{indexes}", text, re.I):
        yield text[max(found.start() - 30, 0) : found.end() + 30]


def _functions(file: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(file.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _bound(node: ast.stmt) -> Iterator[tuple[str, bool]]:
    """The names that a statement binds, and whether they are ours."""
    if isinstance(node, ast.Import):
        yield from ((alias.asname or alias.name.partition(".")[0], False) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        ours = (node.module or "").partition(".")[0] in ("kernel", "modules", "homewright")
        yield from ((alias.asname or alias.name, ours) for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, True
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((target.id, target.id != "__all__") for target in targets if isinstance(target, ast.Name))


def _declared(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


def _private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
