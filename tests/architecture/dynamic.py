"""What the import contracts cannot see: imports by name, and tables read by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set

from architecture.sources import Source

COMPOSITION_ROOT = {"homewright.registry"}
BY_NAME = {
    "__import__",
    "import_module",
    "resolve_name",
    "run_module",
    "run_path",
    "spec_from_file_location",
    "module_from_spec",
    "exec",
    "eval",
}
OUR_DOTTED = re.compile(r"\A(?:modules|kernel|homewright)(?:\.\w+)+(?::\w+)?\Z")
INTERNAL = re.compile(r"\bmodules\.(\w+)\.internal\b")
SQL = re.compile(
    r"\A\s*(?i:select|insert|update|delete|with|create|drop|alter|truncate|attach|pragma)\s"
    r"|\b(?:SELECT|FROM|JOIN|INSERT|UPDATE|DELETE|TRUNCATE)\b"
)
TABLE_MAKERS = {"Table", "table", "text", "literal_column", "column", "ForeignKey", "ForeignKeyConstraint"}
REFLECTING = {"reflect", "autoload_with", "inspect_table", "get_table_names"}


def dynamic_imports(file: Source) -> Iterator[str]:
    """Each import by name, or of a name in `sys.modules`, outside the composition root and the kit for tests."""
    if file.module in COMPOSITION_ROOT or file.module.startswith("kernel.testing"):
        return
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and _called(node) in BY_NAME and not _is_method(node):
            yield f"{file.module}:{node.lineno} imports by name: {ast.unparse(node)}"
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
            yield f"{file.module}:{node.lineno} takes a module out of sys.modules"
    for constant in file.strings():
        own = INTERNAL.search(constant.value)
        if own and not file.module.startswith(f"modules.{own[1]}.internal"):
            yield f"{file.module}:{constant.lineno} names the inside of a module: {constant.value!r}"


def foreign_tables(file: Source, tables: Mapping[str, Set[str]]) -> Iterator[str]:
    """Each string that speaks SQL, or goes into a maker of tables, and names a table that belongs to another room.

    `tables` are each owner's own names; the owner of a file is modules.<name> or the kernel.
    """
    owner = file.module.split(".")[1] if file.module.startswith("modules.") else "kernel"
    foreign = {table: name for name, own in tables.items() if name != owner for table in own - tables[owner]}
    made = {id(argument) for argument in _arguments_of_table_makers(file.tree)}
    for constant in file.strings():
        words = set(re.findall(r"\w+", constant.value.lower()))
        if id(constant) in made or SQL.search(constant.value):
            for table in sorted(words & set(foreign)):
                yield f"{file.module}:{constant.lineno} names {table}, a table of {foreign[table]}: {constant.value!r}"


def reflections(file: Source) -> Iterator[str]:
    """Each reading of whatever tables there are: a module knows its own, by its metadata."""
    for node in ast.walk(file.tree):
        named = (isinstance(node, ast.Attribute) and node.attr in REFLECTING) or (
            isinstance(node, ast.keyword) and node.arg in REFLECTING
        )
        if named:
            yield f"{file.module}:{node.lineno} reflects tables"
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\battach\s+(database|')", node.value, re.I)
        ):
            yield f"{file.module}:{node.lineno} attaches another database"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_method(node: ast.Call) -> bool:
    """`re.compile`-like attributes of objects that are no module of imports: `pattern.exec()`."""
    return _called(node) in ("exec", "eval") and isinstance(node.func, ast.Attribute)


def _arguments_of_table_makers(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in TABLE_MAKERS:
            for argument in ast.walk(node):
                if isinstance(argument, ast.Constant):
                    yield argument
