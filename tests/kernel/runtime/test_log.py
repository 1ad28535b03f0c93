"""Logs: one object per line, traced, and without any secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from litestar import post
from litestar.params import JSONBody
from tests.kernel.runtime.house import house, visiting

from kernel.facade.context import Principal, calling
from kernel.runtime.access import guard
from kernel.runtime.observe import logger, set_up_logs
from kernel.runtime.settings import Secret
from kernel.runtime.settings.tree import LogSettings

CANARY = "canary-9c41"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def written(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_trace_caller_and_principal() -> None:
    out = io.StringIO()
    set_up_logs(LogSettings(format="json"), out)
    with calling(
        trace_id="a" * 32, span_id="b" * 16, caller="automation", principal=Principal(name="vera", role="viewer")
    ):
        logger("outbox").info("delivered", topic="patterns.HabitsFound", tries=2)
    (line,) = written(out)
    assert (
        line.items()
        >= {
            "level": "info",
            "log": "outbox",
            "event": "delivered",
            "topic": "patterns.HabitsFound",
            "tries": 2,
            "trace_id": "a" * 32,
            "span_id": "b" * 16,
            "caller": "automation",
            "principal": "vera",
        }.items()
    )
    assert line["timestamp"].endswith("Z")


def test_a_readable_line_for_people() -> None:
    out = io.StringIO()
    set_up_logs(LogSettings(format="console"), out)
    logger("schedule").warning("late", work="learn")
    assert "warning schedule   late  work=learn" in out.getvalue()


def test_what_is_below_the_level_is_not_written() -> None:
    out = io.StringIO()
    set_up_logs(LogSettings(format="json", level="warning"), out)
    logger("x").info("chat")
    logger("x").warning("trouble")
    assert [line["event"] for line in written(out)] == ["trouble"]


def test_secrets_are_masked_wherever_they_stand() -> None:
    out = io.StringIO()
    set_up_logs(LogSettings(format="json"), out)
    token = "hw_" + "Ab3-" * 10
    logger("x").error(
        "oops",
        password=CANARY,
        Authorization=f"Bearer {CANARY}",
        held=Secret(CANARY),
        url=f"postgresql+psycopg://user:{CANARY}@host/db",
        text=f"sent {token} and Bearer {CANARY}",
        nested={"note": token},
    )
    assert CANARY not in out.getvalue()
    assert token not in out.getvalue()
    assert "host/db" in out.getvalue()


async def test_no_header_cookie_body_or_token_of_a_request_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    @post("/api/v1/bug", guards=[guard("viewer")])
    async def bug(data: JSONBody[dict[str, str]]) -> None:
        hidden = data["diary"]
        raise RuntimeError(f"cannot store {len(hidden)} letters")

    out = io.StringIO()
    set_up_logs(LogSettings(format="json", level="debug"), out)
    async with visiting(house([bug]), cookie=f"session={CANARY}", **{"x-secret": CANARY}) as client:
        answer = await client.post(f"/api/v1/bug?token={CANARY}", json={"diary": CANARY})
    assert answer.status_code == 500
    assert "RuntimeError: cannot store" in out.getvalue()
    assert CANARY not in out.getvalue()
    assert "hw_viewer" not in out.getvalue()
    assert answer.headers["homewright-trace-id"] in out.getvalue()


async def test_a_bug_before_logs_are_set_up_shows_no_locals(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    try:
        carried = CANARY  # in the frame, as a token would be
        raise RuntimeError(str(len(carried)))
    except RuntimeError as failure:
        logger("early").error("bug", exc_info=failure)
    captured = capsys.readouterr()
    assert "RuntimeError" in captured.err
    assert f"'{CANARY}'" not in captured.err + captured.out


def test_building_the_application_leaves_the_root_logger_alone() -> None:
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    before = list(root.handlers)
    house()
    assert root.level == logging.WARNING
    assert root.handlers == before


def test_a_librarys_warning_is_told_in_our_form_and_its_chat_is_not() -> None:
    out = io.StringIO()
    set_up_logs(LogSettings(format="json"), out)
    set_up_logs(LogSettings(format="json"), out)
    logging.getLogger("some.library").warning("disk %s", "full")
    logging.getLogger("some.library").info("chat")
    (line,) = written(out)
    assert (line["log"], line["message"]) == ("some.library", "disk full")
