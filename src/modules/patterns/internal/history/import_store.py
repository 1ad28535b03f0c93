"""The SQL of imports: what was asked for, how far each is, what it had staged, what it reported."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, insert, select, update

from kernel.data import Tx
from modules.patterns.internal.history.intake import Progress
from modules.patterns.internal.tables import imports, segments
from modules.patterns.types import ImportReport, ImportRequest

_json = msgspec.json.Encoder()


@dataclass(frozen=True)
class Import:
    """One import. `digest`: of the source that its staged segments come from."""

    id: str
    request: ImportRequest
    digest: str | None
    progress: Progress
    report: ImportReport | None
    ended: bool


@dataclass(frozen=True)
class Segment:
    """A staged file: `changes` rows between two times."""

    number: int
    changes: int
    first_ms: int
    last_ms: int


def add(tx: Tx, import_id: str, request: ImportRequest) -> None:
    values = {"id": import_id, "request": _text(request), "progress": _text(Progress()), "ended": False}
    tx.execute(insert(imports).values(values))


def find(tx: Tx, import_id: str) -> Import | None:
    row = tx.execute(select(imports).where(imports.c.id == import_id)).one_or_none()
    if row is None:
        return None
    return Import(
        id=row.id,
        request=msgspec.json.decode(row.request, type=ImportRequest),
        digest=row.digest,
        progress=msgspec.json.decode(row.progress, type=Progress),
        report=None if row.report is None else msgspec.json.decode(row.report, type=ImportReport),
        ended=row.ended,
    )


def begin(tx: Tx, import_id: str, digest: str) -> None:
    """The import starts, or starts again, from the beginning of the source with this digest."""
    tx.execute(delete(segments).where(segments.c.import_id == import_id))
    values = {"digest": digest, "progress": _text(Progress()), "ended": False}
    tx.execute(update(imports).where(imports.c.id == import_id).values(values))


def advance(tx: Tx, import_id: str, progress: Progress) -> None:
    tx.execute(update(imports).where(imports.c.id == import_id).values(progress=_text(progress)))


def end(tx: Tx, import_id: str, report: ImportReport | None = None) -> None:
    """Nothing of the import is staged any more; with a report, what it held is visible."""
    tx.execute(delete(segments).where(segments.c.import_id == import_id))
    values = {"ended": True, "report": None if report is None else _text(report)}
    tx.execute(update(imports).where(imports.c.id == import_id).values(values))


def stage(tx: Tx, import_id: str, segment: Segment) -> None:
    values = {"number": segment.number, "changes": segment.changes}
    times = {"first_ms": segment.first_ms, "last_ms": segment.last_ms}
    tx.execute(insert(segments).values(import_id=import_id, **values, **times))


def staged(tx: Tx, import_id: str) -> tuple[Segment, ...]:
    """The segments of an import, in the order of the source."""
    found = select(segments).where(segments.c.import_id == import_id).order_by(segments.c.number)
    return tuple(Segment(row.number, row.changes, row.first_ms, row.last_ms) for row in tx.execute(found))


def report_of(tx: Tx, digest: str) -> ImportReport | None:
    """The report of a finished import of the same source, or None."""
    found = select(imports.c.report).where(imports.c.digest == digest, imports.c.report.is_not(None)).limit(1)
    text = tx.execute(found).scalar()
    return None if text is None else msgspec.json.decode(text, type=ImportReport)


def _text(value: object) -> str:
    return _json.encode(value).decode()
