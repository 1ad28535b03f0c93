"""Every module's tables are brought to this version, whatever else happens at the same moment."""

from __future__ import annotations

import multiprocessing
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text, insert, select, text

from kernel.data import Database, migrate
from kernel.data.tables import house_tables
from kernel.errors import Unavailable
from kernel.testing.databases import Databases

metadata = house_tables(MetaData())
homes = Table("homes", metadata, Column("id", Integer, primary_key=True), Column("name", Text, nullable=False))

HEAD = '''
"""What is in this revision."""
import sqlalchemy as sa
from alembic import op
from kernel.data.migrate import create_house_tables

revision = "{number:04d}"
down_revision = {down!r}


def upgrade() -> None:
'''
FIRST = """
    create_house_tables(op)
    op.create_table("homes", sa.Column("id", sa.Integer, primary_key=True))
"""
SECOND = """
    op.add_column("homes", sa.Column("name", sa.Text, nullable=False))
"""


def revise(root: Path, module: str, *bodies: str) -> Path:
    versions = root / module / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    for number, body in enumerate(bodies, start=1):
        down = f"{number - 1:04d}" if number > 1 else None
        (versions / f"{number:04d}_step.py").write_text(HEAD.format(number=number, down=down) + body)
    return root


def test_brings_the_tables_to_this_version_and_again_does_nothing(databases: Databases, tmp_path: Path) -> None:
    root = revise(tmp_path, "toy", FIRST, SECOND)
    assert migrate.current("toy", databases.url) is None
    assert migrate.upgrade("toy", databases.url, metadata, root=root) == "0002"
    assert migrate.upgrade("toy", databases.url, metadata, root=root) == "0002"
    assert migrate.current("toy", databases.url) == "0002"


def test_the_house_s_own_revision_makes_the_house_s_own_tables(databases: Databases, tmp_path: Path) -> None:
    migrate.upgrade("toy", databases.url, metadata, root=revise(tmp_path, "toy", FIRST, SECOND))
    assert migrate.check("toy", databases.url, metadata) == ()


def test_tells_each_difference_in_words(databases: Databases, tmp_path: Path) -> None:
    migrate.upgrade("toy", databases.url, metadata, root=revise(tmp_path, "toy", FIRST))
    (missing,) = migrate.check("toy", databases.url, metadata)
    assert missing.startswith("add column: homes, ")
    (surplus,) = migrate.check("toy", databases.url, house_tables(MetaData()))
    assert surplus.startswith("remove table: homes")


async def test_keeps_what_is_in_the_tables(databases: Databases, tmp_path: Path) -> None:
    root = revise(tmp_path, "toy", FIRST)
    migrate.upgrade("toy", databases.url, metadata, root=root)
    db = await Database.open("toy", databases.url)
    await db.write(lambda tx: tx.execute(text("INSERT INTO homes (id) VALUES (7)")))
    second = """
    with op.batch_alter_table("homes") as table:
        table.add_column(sa.Column("name", sa.Text, nullable=False, server_default="ours"))
    with op.batch_alter_table("homes") as table:
        table.alter_column("name", server_default=None)
"""
    migrate.upgrade("toy", databases.url, metadata, root=revise(root, "toy", FIRST, second))
    assert await db.read(lambda tx: tx.execute(select(homes)).all()) == [(7, "ours")]
    assert migrate.check("toy", databases.url, metadata) == ()
    await db.close()


async def test_a_rebuilt_table_does_not_take_its_children_along(databases: Databases, tmp_path: Path) -> None:
    """SQLite rebuilds a table by dropping it; with foreign keys on, that would delete by cascade."""
    family = house_tables(MetaData())
    Table("homes", family, Column("id", Integer, primary_key=True), Column("name", Text))
    Table("rooms", family, Column("home", ForeignKey("homes.id", ondelete="CASCADE"), primary_key=True))
    first = (
        FIRST
        + """
    op.create_table(
        "rooms", sa.Column("home", sa.Integer, sa.ForeignKey("homes.id", ondelete="CASCADE"), primary_key=True)
    )
    op.execute("INSERT INTO homes (id) VALUES (1)")
    op.execute("INSERT INTO rooms (home) VALUES (1)")
"""
    )
    second = """
    rebuilds = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("homes", recreate=rebuilds) as table:
        table.add_column(sa.Column("name", sa.Text))
"""
    migrate.upgrade("toy", databases.url, family, root=revise(tmp_path, "toy", first, second))
    db = await Database.open("toy", databases.url)
    assert await db.read(lambda tx: tx.execute(text("SELECT count(*) FROM rooms")).scalar()) == 1
    await db.close()


def test_a_step_that_fails_leaves_the_tables_as_they_were(databases: Databases, tmp_path: Path) -> None:
    root = revise(tmp_path, "toy", FIRST)
    migrate.upgrade("toy", databases.url, metadata, root=root)
    broken = SECOND + '    raise RuntimeError("the power went")\n'
    with pytest.raises(RuntimeError, match="the power went"):
        migrate.upgrade("toy", databases.url, metadata, root=revise(root, "toy", FIRST, broken))
    assert migrate.current("toy", databases.url) == "0001"
    assert migrate.upgrade("toy", databases.url, metadata, root=revise(root, "toy", FIRST, SECOND)) == "0002"


def test_refuses_a_database_of_a_newer_version(databases: Databases, tmp_path: Path) -> None:
    migrate.upgrade("toy", databases.url, metadata, root=revise(tmp_path / "new", "toy", FIRST, SECOND))
    with pytest.raises(
        Unavailable, match=r"a newer version of Homewright wrote it \(revision 0002; this version knows up"
    ):
        migrate.upgrade("toy", databases.url, metadata, root=revise(tmp_path / "old", "toy", FIRST))
    assert migrate.current("toy", databases.url) == "0002"


def loads_alembic(url: str, root: Path) -> bool:
    """Whether a process of its own that upgrades has loaded Alembic afterwards."""
    code = (
        "import sys; from pathlib import Path; from sqlalchemy import MetaData; from kernel.data import migrate\n"
        "migrate.upgrade('toy', sys.argv[1], MetaData(), root=Path(sys.argv[2])); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url, str(root)], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout.strip() == "True"


def test_a_start_with_nothing_to_do_does_not_load_alembic(databases: Databases, tmp_path: Path) -> None:
    """It is 7 MB and 80 ms, in a process that then waits for weeks."""
    root = revise(tmp_path, "toy", FIRST)
    assert loads_alembic(databases.url, root)
    assert not loads_alembic(databases.url, root)
    assert loads_alembic(databases.url, revise(root, "toy", FIRST, SECOND))
    assert migrate.current("toy", databases.url) == "0002"
    assert not loads_alembic(databases.url, root)


@pytest.mark.parametrize(
    "said",
    ['revision: str = "0001"', "revision = '0001'  # the first", 'revision = "0001"\nbranch = revision = "0001"'],
)
def test_what_a_file_does_not_say_plainly_alembic_reads(databases: Databases, tmp_path: Path, said: str) -> None:
    root = revise(tmp_path, "toy", FIRST, SECOND)
    first = root / "toy" / "versions" / "0001_step.py"
    first.write_text(first.read_text().replace('revision = "0001"', said))
    assert migrate.upgrade("toy", databases.url, metadata, root=root) == "0002"
    assert migrate.upgrade("toy", databases.url, metadata, root=root) == "0002"
    assert migrate.check("toy", databases.url, metadata) == ()


def test_a_folder_with_two_ends_is_refused_though_the_database_is_at_one(tmp_path: Path) -> None:
    """Two branches of development that were merged badly: neither may pass for the newest."""
    root, url = revise(tmp_path, "toy", FIRST, SECOND), f"sqlite:///{tmp_path}/toy.db"
    migrate.upgrade("toy", url, metadata, root=root)
    (root / "toy" / "versions" / "0003_step.py").write_text(HEAD.format(number=3, down="0001") + "    pass\n")
    with pytest.raises(CommandError, match="Multiple head revisions"):
        migrate.upgrade("toy", url, metadata, root=root)


def test_a_database_at_the_newest_revision_is_left_to_its_writer(tmp_path: Path) -> None:
    """Another process may be in the middle of a long write; a start with nothing to do need not wait for it."""
    root, url = revise(tmp_path, "toy", FIRST, SECOND), f"sqlite:///{tmp_path}/toy.db"
    migrate.upgrade("toy", url, metadata, root=root)
    with sqlite3.connect(tmp_path / "toy.db", isolation_level=None) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert migrate.upgrade("toy", url, metadata, root=root) == "0002"


def test_every_revision_of_ours_says_plainly_what_it_is() -> None:
    """Else every start loads Alembic, and nobody is told."""
    for versions in migrate.migrations_root().glob("*/versions"):
        assert migrate._newest(versions) == max(file.name for file in versions.glob("*.py"))[:4]


def test_a_module_without_migrations_is_named(databases: Databases, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the migrations of toy cannot be used: there is no folder"):
        migrate.upgrade("toy", databases.url, metadata, root=tmp_path)


def test_two_processes_that_start_at_once_both_come_to_the_same_end(databases: Databases, tmp_path: Path) -> None:
    root = revise(tmp_path, "toy", FIRST, SECOND)
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(3) as pool:
        jobs = [pool.apply_async(migrate.upgrade, ("toy", databases.url, metadata), {"root": root}) for _ in range(3)]
        assert [job.get(30) for job in jobs] == ["0002"] * 3
    assert migrate.check("toy", databases.url, metadata) == ()


async def test_neighbours_neither_see_nor_disturb_one_another(databases: Databases, tmp_path: Path) -> None:
    root = revise(revise(tmp_path, "toy", FIRST, SECOND), "next", FIRST)
    own = house_tables(MetaData())
    Table("homes", own, Column("id", Integer, primary_key=True))
    migrate.upgrade("toy", databases.url, metadata, root=root)
    migrate.upgrade("next", databases.url, own, root=root)
    assert migrate.check("toy", databases.url, metadata) == migrate.check("next", databases.url, own) == ()
    assert (migrate.current("toy", databases.url), migrate.current("next", databases.url)) == ("0002", "0001")
    toy, neighbour = await Database.open("toy", databases.url), await Database.open("next", databases.url)
    await toy.write(lambda tx: tx.execute(insert(homes), {"name": "ours"}))
    assert await neighbour.read(lambda tx: tx.execute(text("SELECT count(*) FROM homes")).scalar()) == 0
    await toy.close()
    await neighbour.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    letter = "this is a letter to a friend, and no database at all\n" * 40
    (tmp_path / "toy.db").write_text(letter)
    with pytest.raises(Unavailable, match="the file is no SQLite database"):
        migrate.upgrade("toy", f"sqlite:///{tmp_path}/toy.db", metadata, root=revise(tmp_path, "toy", FIRST))
    assert (tmp_path / "toy.db").read_text() == letter


def test_rows_that_would_point_nowhere_stop_the_upgrade(tmp_path: Path) -> None:
    root, url = revise(tmp_path, "toy", FIRST), f"sqlite:///{tmp_path}/toy.db"
    migrate.upgrade("toy", url, metadata, root=root)
    loose = (
        SECOND.replace("nullable=False", "nullable=True")
        + """
    op.execute("CREATE TABLE rooms (home INTEGER REFERENCES homes (id))")
    op.execute("INSERT INTO rooms VALUES (99)")
"""
    )
    with pytest.raises(Unavailable, match="rows would point nowhere, in rooms"):
        migrate.upgrade("toy", url, metadata, root=revise(root, "toy", FIRST, loose))
    with sqlite3.connect(tmp_path / "toy.db") as raw:
        assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'rooms'").fetchone() == (0,)


def test_finds_the_migrations_beside_the_source() -> None:
    assert migrate.migrations_root().name == "migrations"
