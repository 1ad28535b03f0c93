"""The past, the habits in it and the replay of rules, over REST."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from kernel.errors import Invalid, Unavailable
from kernel.facade import Value
from kernel.facade.job import JobStatus
from kernel.runtime.access import guard
from kernel.runtime.wiring import Ports
from modules.patterns.facade import History, Patterns, Replay
from modules.patterns.routes.asked import AnyRequest, converted, given, strict
from modules.patterns.routes.questions import questions
from modules.patterns.types import (
    Firing,
    Habits,
    HistoryBatch,
    HistorySummary,
    Imported,
    ImportRequest,
    ImportStatus,
    Learning,
    LearnRequest,
    Rule,
    Scorecard,
    StateChange,
    TimelineQuestion,
    Window,
)

MOST_UPLOAD_BYTES: Final = 8 * 2**30
"""A recorder database of years; what is larger is imported with the command line, from where it lies."""
_FORGOTTEN_SECONDS: Final = 86_400.0
"""An upload this old waits for no import any more: the process that took it in was killed."""


class ReplayQuestion(Value, frozen=True, kw_only=True):
    """One rule and the stretch of the past to replay it on."""

    rule: Rule
    window: Window


class HomeQuestion(Value, frozen=True, kw_only=True):
    """Rules to be scored together."""

    rules: tuple[Rule, ...]
    window: Window


def routes(ports: Ports, spool: Path | None = None) -> list[Any]:
    """`spool`: where uploads wait to be imported; a folder that the process with `History` can read too."""
    place = spool or Path(tempfile.gettempdir()) / "homewright-uploads"
    return [*_history(ports, place), *questions(ports.of(History)), *_habits(ports), *_replay(ports)]


def _history(ports: Ports, spool: Path) -> list[Any]:
    history = ports.of(History)

    @get("/api/v1/history", guards=[guard("viewer")], summary="How much history there is", tags=["history"])
    async def summary() -> HistorySummary:
        return await history.summary()

    @get("/api/v1/history/changes", guards=[guard("viewer")], summary="Changes in the order of time", tags=["history"])
    async def changes(
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        entity_id: FromQuery[list[str] | None] = None,
        limit: FromQuery[str] = "1000",
    ) -> list[StateChange]:
        asked = converted(TimelineQuestion, start=start, end=end, entity_ids=entity_id, limit=limit)
        return [change async for change in history.timeline(asked)]

    @post("/api/v1/history/changes", guards=[guard("operator")], summary="Add changes", tags=["history"])
    async def add(request: AnyRequest, data: JSONBody[HistoryBatch]) -> Imported:
        return await history.import_history(await strict(request, HistoryBatch))

    @post(
        "/api/v1/history/imports",
        guards=[guard("operator")],
        summary="Import a file (CSV, plain, .gz or .xz, or a recorder database): send it as the body",
        tags=["history"],
        status_code=202,
        request_max_body_size=None,
    )
    async def upload(
        request: AnyRequest,
        zone: FromQuery[str | None] = None,
        latitude: FromQuery[str | None] = None,
        longitude: FromQuery[str | None] = None,
        format: FromQuery[str | None] = None,
    ) -> JobStatus:
        place = {"zone": zone, "latitude": latitude, "longitude": longitude}
        asked = converted(ImportRequest, path="upload", format=format, keep_source=False, place=given(place) or None)
        return await _spooled(request, spool, history, asked)

    @get("/api/v1/history/imports/{job_id:str}", guards=[guard("viewer")], summary="An import", tags=["history"])
    async def status(job_id: FromPath[str]) -> ImportStatus:
        return await history.import_status(job_id)

    @delete(
        "/api/v1/history/imports/{job_id:str}",
        guards=[guard("operator")],
        summary="Stop an import; nothing of it stays",
        tags=["history"],
        status_code=200,
    )
    async def cancel(job_id: FromPath[str]) -> JobStatus:
        return await history.cancel_import(job_id)

    return [summary, changes, add, upload, status, cancel]


def _habits(ports: Ports) -> list[Any]:
    patterns = ports.of(Patterns)

    @get("/api/v1/habits", guards=[guard("viewer")], summary="The habits of the last learning", tags=["habits"])
    async def habits() -> Habits:
        return await patterns.habits()

    @post("/api/v1/learn", guards=[guard("operator")], summary="Start a learning", tags=["habits"], status_code=202)
    async def learn(request: AnyRequest, data: JSONBody[LearnRequest]) -> JobStatus:
        return await patterns.learn(await strict(request, LearnRequest))

    @get("/api/v1/learn/{job_id:str}", guards=[guard("viewer")], summary="A learning", tags=["habits"])
    async def learning(job_id: FromPath[str]) -> Learning:
        return await patterns.learning(job_id)

    @delete(
        "/api/v1/learn/{job_id:str}",
        guards=[guard("operator")],
        summary="Stop a learning; the habits stay as they were",
        tags=["habits"],
        status_code=200,
    )
    async def cancel(job_id: FromPath[str]) -> JobStatus:
        return await patterns.cancel_learning(job_id)

    return [habits, learn, learning, cancel]


def _replay(ports: Ports) -> list[Any]:
    replay = ports.of(Replay)

    @post(
        "/api/v1/replay", guards=[guard("viewer")], summary="Score a rule on the past", tags=["replay"], status_code=200
    )
    async def one(request: AnyRequest, data: JSONBody[ReplayQuestion]) -> Scorecard:
        asked = await strict(request, ReplayQuestion)
        return await replay.replay(asked.rule, asked.window)

    @post(
        "/api/v1/replay/home",
        guards=[guard("viewer")],
        summary="Score rules together on the past",
        tags=["replay"],
        status_code=200,
    )
    async def home(request: AnyRequest, data: JSONBody[HomeQuestion]) -> Scorecard:
        asked = await strict(request, HomeQuestion)
        return await replay.replay_home(asked.rules, asked.window)

    @post(
        "/api/v1/replay/firings",
        guards=[guard("viewer")],
        summary="When a rule would have run",
        tags=["replay"],
        status_code=200,
    )
    async def firings(request: AnyRequest, data: JSONBody[ReplayQuestion]) -> list[Firing]:
        asked = await strict(request, ReplayQuestion)
        return [firing async for firing in replay.firings(asked.rule, asked.window)]

    return [one, home, firings]


async def _spooled(request: AnyRequest, spool: Path, history: History, asked: ImportRequest) -> JobStatus:
    """Write the body to a file as it comes, and start its import; the job removes the file when it has ended."""
    file = spool / uuid.uuid4().hex
    try:
        await asyncio.to_thread(_make_room, spool)
        await _receive(request, file)
        return await history.import_file(msgspec.structs.replace(asked, path=str(file)))
    except BaseException as failure:
        with contextlib.suppress(OSError):
            file.unlink()
        if isinstance(failure, OSError):
            raise Unavailable(what=f"the folder for uploads, {spool}", reason=str(failure)) from failure
        raise


def _make_room(spool: Path) -> None:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in spool.iterdir():
        if time.time() - file.stat().st_mtime > _FORGOTTEN_SECONDS:
            file.unlink(missing_ok=True)


async def _receive(request: AnyRequest, file: Path) -> None:
    received = 0
    with await asyncio.to_thread(file.open, "xb") as stream:
        async for part in request.stream():
            received += len(part)
            if received > MOST_UPLOAD_BYTES:
                raise Invalid(
                    where="body", expected=f"at most {MOST_UPLOAD_BYTES} bytes: import it with the command line"
                )
            await asyncio.to_thread(stream.write, part)
    if not received:
        raise Invalid(where="body", expected="a history file: CSV (plain, .gz, .xz) or a recorder database")
