"""Where a module's database is: a SQLite file, or a schema of its own in a PostgreSQL database.

`{module}` in a URL becomes the module's name, so that one setting gives each module its file or its role:
`sqlite:////data/{module}.db`, `postgresql+psycopg://hw_{module}@db/homewright`. On PostgreSQL `?role=hw_{module}`
switches to that role after a login that all modules share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kernel.errors import Invalid

_MODULE = re.compile(r"[a-z][a-z0-9_]{0,40}")
_FORMS = "sqlite:///<file> or postgresql+psycopg://<user>@<host>/<database>"


@dataclass(frozen=True)
class Address:
    """One module's database. `file` is None on PostgreSQL; `role` only where the URL names one."""

    module: str
    url: URL
    file: Path | None
    role: str | None

    def __str__(self) -> str:
        """The database as a person would name it; never with a password."""
        place = self.file if self.file else self.url.set(query={}).render_as_string(hide_password=True)
        return f"the database of {self.module} ({place})"


def address(module: str, url: str) -> Address:
    """Read a URL. Raises Invalid if it is none that we can use."""
    if not _MODULE.fullmatch(module):
        raise Invalid(where="module", expected=f"a name like `patterns`: lower case, digits, _; not {module!r}")
    try:
        parsed = make_url(url.replace("{module}", module))
    except ArgumentError:
        raise Invalid(where=f"database of {module}", expected=f"a URL like {_FORMS}") from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "postgresql+psycopg":
        role = parsed.query.get("role")
        name = role if isinstance(role, str) else None
        return Address(module, parsed.difference_update_query(["role"]), None, name)
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database and parsed.database != ":memory:":
        return Address(module, parsed, Path(parsed.database), None)
    raise Invalid(where=f"database of {module}", expected=f"a URL like {_FORMS}, not {parsed.drivername}")
