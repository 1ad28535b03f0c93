"""What of migrations needs Alembic: running revisions, and comparing tables. `migrate` loads it when there is work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData

from kernel.data.address import Address
from kernel.errors import Unavailable


def run(tx: Connection, place: Address, folder: Path, table: str, metadata: MetaData) -> None:
    """Run the revisions of `folder` that the database does not have yet; `table` remembers the last.

    Raises Unavailable if a newer version of ours wrote the database, or if rows would point nowhere afterwards.
    """
    script = _script(folder)
    _refuse_newer(tx, place, script, table)
    _run(tx, script, table, metadata)
    _refuse_loose_ends(tx, place)


def differences(tx: Connection, table: str, metadata: MetaData) -> tuple[str, ...]:
    options = {"version_table": table, "compare_type": True, "include_name": _ours}
    context = MigrationContext.configure(connection=tx, opts=options)
    return tuple(_in_words(difference) for difference in compare_metadata(context, metadata))


def _script(folder: Path) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return ScriptDirectory.from_config(config)


def _refuse_newer(tx: Connection, place: Address, script: ScriptDirectory, table: str) -> None:
    heads = MigrationContext.configure(connection=tx, opts={"version_table": table}).get_current_heads()
    revision = heads[0] if heads else None
    try:
        script.get_revision(revision or "base")
    except CommandError as error:
        raise Unavailable(
            what=str(place),
            reason=f"a newer version of Homewright wrote it (revision {revision}; this version knows up to "
            f"{script.get_current_head()}): install that version again, or restore the backup made before it",
        ) from error


def _run(tx: Connection, script: ScriptDirectory, table: str, metadata: MetaData) -> None:
    def steps(revision: Any, context: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=tx,
            target_metadata=metadata,
            version_table=table,
            transactional_ddl=True,
            render_as_batch=True,
        )
        environment.run_migrations()


def _refuse_loose_ends(tx: Connection, place: Address) -> None:
    if place.file is None:
        return
    loose = tx.exec_driver_sql("PRAGMA foreign_key_check").all()
    if loose:
        tables = ", ".join(sorted({str(row[0]) for row in loose}))
        raise Unavailable(what=str(place), reason=f"after the upgrade rows would point nowhere, in {tables}")


def _ours(name: str | None, kind: str, parents: Any) -> bool:
    """Revision tables are not the module's, nor are a full-text index's own tables."""
    return kind != "table" or not (name or "").startswith(("alembic_", "sqlite_"))


def _in_words(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(_in_words(part) for part in difference)
    kind, *subject = difference
    return f"{kind.replace('_', ' ')}: {', '.join(str(part) for part in subject if part is not None)}"
