"""Imports by a string and tables by a name pass import-linter; they do not pass here."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from architecture.dynamic import dynamic_imports, foreign_tables, reflections
from architecture.sources import Source, sources
from homewright import registry
from kernel.data.tables import house_tables
from kernel.runtime import tables as kernel_tables


def seeded(module: str, text: str) -> Source:
    return Source(Path(f"{module}.py"), module, text)


def metadata() -> dict[str, MetaData]:
    """Every owner of tables."""
    return {name: registry.interior(name).metadata for name in registry.NAMES} | {"kernel": kernel_tables.metadata}


def own_tables() -> Mapping[str, Set[str]]:
    """Each owner's tables without those that every module has."""
    shared = MetaData()
    house_tables(shared)
    return {name: set(own.tables) - set(shared.tables) for name, own in metadata().items()}


def test_nothing_is_imported_by_name() -> None:
    assert not [found for file in sources() for found in dynamic_imports(file)]


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nimportlib.import_module('modules.patterns.internal.store')",
        "from importlib import import_module as load\nfrom importlib import import_module\nimport_module(name)",
        "__import__('modules.patterns.internal.store')",
        "import sys\nstore = sys.modules['modules.patterns.internal.store']",
        "import pkgutil\npkgutil.resolve_name('modules.patterns:errors')",
        "import runpy\nrunpy.run_module('modules.patterns.internal.store')",
        "from importlib import util\nutil.spec_from_file_location('x', path)",
        "exec('import modules.patterns.internal.store')",
        "STORE = 'modules.patterns.internal.store:Library'",
    ],
)
def test_an_import_by_name_is_caught(text: str) -> None:
    assert list(dynamic_imports(seeded("modules.automation.internal.service", text)))


def test_the_composition_root_alone_may_import_by_name() -> None:
    assert not list(dynamic_imports(seeded("homewright.registry", "import_module(f'modules.{name}.internal.wiring')")))


def test_no_module_names_another_modules_table() -> None:
    tables = own_tables()
    assert all(tables.values()), tables
    assert not [found for file in sources() for found in foreign_tables(file, tables)]


@pytest.mark.parametrize(
    "template",
    [
        "text('SELECT * FROM {table}')",
        "tx.exec_driver_sql('delete from {table} where 1 = 1')",
        "QUERY = f'insert into {table} values (?)'",
        "Table('{table}', metadata)",
        "table('{table}', column('id'))",
        "Column('x', ForeignKey('{table}.id'))",
    ],
)
def test_a_foreign_table_is_caught(template: str) -> None:
    tables = own_tables()
    for table in tables["patterns"]:
        file = seeded("modules.automation.internal.store", template.replace("{table}", table))
        assert list(foreign_tables(file, tables)), table
        assert not list(foreign_tables(seeded("modules.patterns.internal.store", file.text), tables))


def test_no_module_reads_whatever_tables_there_are() -> None:
    modules = [file for file in sources() if not file.module.startswith("kernel.data")]
    assert not [found for file in modules for found in reflections(file)]


@pytest.mark.parametrize(
    "text", ["metadata.reflect(engine)", "Table('x', m, autoload_with=engine)", "run(\"ATTACH DATABASE 'x' AS y\")"]
)
def test_a_reflection_is_caught(text: str) -> None:
    assert list(reflections(seeded("modules.audit.internal.store", text)))


def test_no_foreign_key_leaves_its_module_and_no_table_names_a_schema() -> None:
    """On PostgreSQL a module's tables are in its own schema; on SQLite in its own file."""
    for own in metadata().values():
        assert not crossing(own)


def test_a_foreign_key_that_leaves_its_module_is_caught() -> None:
    theirs, mine = MetaData(), MetaData()
    habits = Table("habits", theirs, Column("id", Integer, primary_key=True))
    Table("suggestions", mine, Column("habit", ForeignKey(habits.c.id)))
    Table("elsewhere", mine, Column("id", Integer), schema="patterns")
    assert crossing(mine) == {"suggestions", "elsewhere"}


def test_every_module_has_metadata_of_its_own() -> None:
    """Two modules that share a MetaData would create each other's tables."""
    found = metadata()
    assert len({id(own) for own in found.values()}) == len(found)
    tables = own_tables()
    names = [name for own in tables.values() for name in own]
    assert len(names) == len(set(names)), "two modules call a table the same: the law of names cannot tell them apart"


def crossing(own: MetaData) -> set[str]:
    """The tables that name a schema, or whose foreign keys point at a table of other metadata."""
    found = {table.name for table in own.tables.values() if table.schema is not None}
    for table in own.tables.values():
        for key in table.foreign_keys:
            target = key.target_fullname.rsplit(".", 1)[0]
            elsewhere = key.column.table.metadata is not own if target not in own.tables else False
            found |= {table.name} if elsewhere else set()
    return found
