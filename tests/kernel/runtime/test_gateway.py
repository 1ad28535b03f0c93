"""The front door: who is let in, how failures look, what every answer carries."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from litestar import Litestar, Response, get, post
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from tests.kernel.runtime.house import house, visiting

from kernel.errors import Busy, Conflict, Declared, Fault, NotConfigured
from kernel.facade.context import current
from kernel.facade.values import Value
from kernel.facade.wire import ErrorBody
from kernel.runtime.access import guard
from kernel.runtime.gateway import OPEN_ROUTES, UnguardedRoute
from kernel.runtime.gateway.faults import on_fault
from kernel.runtime.gateway.roles import handlers_of
from kernel.runtime.observe import parse_traceparent
from kernel.runtime.settings.tree import LimitSettings


class Weeks(Value, frozen=True, kw_only=True):
    weeks: int


class Home(Value, frozen=True, kw_only=True):
    rooms: tuple[Weeks, ...] = ()
    name: str = "home"


class Shy(Declared):
    """The cat hides."""

    cat: str
    http_status = 418


@get("/api/v1/who", guards=[guard("viewer")])
async def who() -> dict[str, str | None]:
    principal = current().principal
    return {"name": principal.name if principal else None, "trace": current().trace_id, "span": current().span_id}


@get("/api/v1/operate", guards=[guard("operator")])
async def operate() -> str:
    return "done"


@get("/api/v1/admin", guards=[guard("admin")])
async def administer() -> str:
    return "done"


@post("/api/v1/weeks", guards=[guard("viewer")])
async def weeks(data: JSONBody[Weeks]) -> Weeks:
    return data


@post("/api/v1/home", guards=[guard("viewer")])
async def home(data: JSONBody[Home]) -> Home:
    return data


@get("/api/v1/fail/{how:str}", guards=[guard("viewer")])
async def fail(how: FromPath[str]) -> None:
    raise {
        "shy": Shy(cat="Mia"),
        "busy": Busy(what="imports", retry_after_seconds=2.5),
        "conflict": Conflict(what="it sleeps"),
        "missing": NotConfigured(what="mail", how="set mail.host"),
        "bug": KeyError("a canary in a message"),
    }[how]


ROUTES = [who, operate, administer, weeks, home, fail]


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        (None, [401, 401, 401]),
        ("viewer", [200, 403, 403]),
        ("operator", [200, 200, 403]),
        ("admin", [200, 200, 200]),
    ],
)
async def test_each_role_opens_its_doors_and_no_other(role: str | None, answers: list[int]) -> None:
    async with visiting(house(ROUTES), role) as client:
        paths = ("/api/v1/who", "/api/v1/operate", "/api/v1/admin")
        assert [(await client.get(path)).status_code for path in paths] == answers


@pytest.mark.parametrize(
    "header", ["hw_viewer", "Basic hw_viewer", "Bearer", "Bearer ", "Bearer hw_nobody", "bearerhw_viewer"]
)
async def test_a_header_that_is_no_token_of_ours_opens_nothing(header: str) -> None:
    async with visiting(house(ROUTES), None, authorization=header) as client:
        answer = await client.get("/api/v1/who")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_wrong_token_is_refused_even_where_none_is_needed() -> None:
    async with visiting(house(), "nobody") as client:
        assert (await client.get("/health/live")).status_code == 401


async def test_the_principal_of_one_request_is_not_seen_by_the_next() -> None:
    app = house(ROUTES)
    async with visiting(app, "admin") as client:
        assert (await client.get("/api/v1/who")).json()["name"] == "anna"
        assert current().principal is None
    async with visiting(app, None) as client:
        assert (await client.get("/api/v1/who")).status_code == 401


@pytest.mark.parametrize(
    ("how", "status", "kind", "ran"),
    [
        ("shy", 418, "tests.Shy", "yes"),
        ("busy", 429, "kernel.Busy", "no"),
        ("conflict", 409, "kernel.Conflict", "no"),
        ("missing", 503, "kernel.NotConfigured", "no"),
        ("bug", 500, "kernel.Undeclared", "yes"),
    ],
)
async def test_a_fault_keeps_its_type_and_says_whether_it_ran(how: str, status: int, kind: str, ran: str) -> None:
    async with visiting(house(ROUTES)) as client:
        answer = await client.get(f"/api/v1/fail/{how}")
    error = msgspec.json.decode(answer.content, type=ErrorBody).error
    assert (answer.status_code, error.type, error.ran) == (status, kind, ran)
    assert "canary" not in answer.text


async def test_busy_says_when_to_come_back() -> None:
    async with visiting(house(ROUTES)) as client:
        assert (await client.get("/api/v1/fail/busy")).headers["retry-after"] == "3"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/api/v1/nothing", b"", 404, "/api/v1/nothing"),
        ("DELETE", "/api/v1/who", b"", 405, "allowed: GET"),
        ("POST", "/api/v1/weeks", b'{"weeks": "x"}', 422, "weeks"),
        ("POST", "/api/v1/weeks", b'{"weeks": ', 422, "/api/v1/weeks"),
        ("POST", "/api/v1/weeks", b"", 422, "/api/v1/weeks"),
        ("POST", "/api/v1/weeks", b'{"weeks": 1}' + b" " * 10_000, 413, "server.body_bytes"),
    ],
)
async def test_every_refusal_has_the_same_shape(method: str, path: str, body: bytes, status: int, says: str) -> None:
    async with visiting(house(ROUTES)) as client:
        answer = await client.request(method, path, content=body)
    assert answer.status_code == status
    error = msgspec.json.decode(answer.content, type=ErrorBody).error
    assert error.ran == "no"
    assert says in error.message


@pytest.mark.parametrize(("most", "status"), [(1024, 413), (4096, 201)])
async def test_the_largest_body_is_as_large_as_set(most: int, status: int) -> None:
    async with visiting(house(ROUTES, body_bytes=most)) as client:
        answer = await client.post("/api/v1/weeks", content=b'{"weeks": 1}' + b" " * 2000)
    assert answer.status_code == status


async def test_too_many_requests_are_refused_with_the_time_to_come_back() -> None:
    app = house(ROUTES, LimitSettings(requests_per_second=0.5, burst=2))
    async with visiting(app) as client:
        answers = [await client.get("/api/v1/who") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[2].headers["retry-after"]) >= 1
    async with visiting(app, "operator") as client:
        assert (await client.get("/api/v1/who")).status_code == 200


async def test_many_wrong_tokens_are_slowed_but_a_right_one_still_opens() -> None:
    app = house(ROUTES, LimitSettings(failures_per_minute=2))
    async with visiting(app, "guess") as client:
        assert [(await client.get("/api/v1/who")).status_code for _ in range(4)] == [401, 401, 429, 429]
    async with visiting(app, "viewer") as client:
        assert (await client.get("/api/v1/who")).status_code == 200


async def test_every_answer_carries_a_trace_id_and_safe_headers() -> None:
    async with visiting(house(ROUTES)) as client:
        for path in ("/api/v1/who", "/api/v1/fail/bug", "/nothing", "/api/v1/admin", "/health/live"):
            headers = (await client.get(path)).headers
            assert len(headers["homewright-trace-id"]) == 32
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_trace_that_came_in_goes_on() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with visiting(house(ROUTES), traceparent=f"00-{trace}-00f067aa0ba902b7-01") as client:
        answer = await client.get("/api/v1/who")
    assert answer.json()["trace"] == answer.headers["homewright-trace-id"] == trace
    assert answer.json()["span"] != "00f067aa0ba902b7"


async def test_a_broken_trace_begins_a_new_one() -> None:
    async with visiting(house(ROUTES), traceparent="00-zz-1-01") as client:
        body = (await client.get("/api/v1/who")).json()
    assert parse_traceparent(f"00-{body['trace']}-{body['span']}-01".encode()) is not None


async def test_a_page_may_set_its_own_policy() -> None:
    @get("/api/v1/page", guards=[guard("viewer")])
    async def page() -> Response[str]:
        return Response("x", headers={"content-security-policy": "default-src 'self'"})

    async with visiting(house([page])) as client:
        answer = await client.get("/api/v1/page")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]


async def test_the_schema_is_served_in_both_forms() -> None:
    async with visiting(house(ROUTES), None) as client:
        document = (await client.get("/schema/openapi.json")).json()
        assert (await client.get("/schema/openapi.yaml")).status_code == 200
    assert "/api/v1/weeks" in document["paths"]
    assert document["info"] == {"title": "Homewright", "version": "0.0"}


def test_a_route_that_nobody_guards_cannot_be_built() -> None:
    @get("/api/v1/open")
    async def forgotten() -> str:
        return "the diary"

    with pytest.raises(UnguardedRoute, match="/api/v1/open"):
        house([forgotten])


def test_a_guard_that_is_not_ours_does_not_count() -> None:
    async def polite(connection: object, handler: BaseRouteHandler) -> None: ...

    @get("/api/v1/open", guards=[polite])
    async def forgotten() -> str:
        return "the diary"

    with pytest.raises(UnguardedRoute):
        house([forgotten])


def test_the_list_of_open_routes_is_short() -> None:
    assert {
        "/health/live",
        "/health/ready",
        "/schema",
        "/schema/openapi.json",
        "/schema/openapi.yaml",
        "/schema/openapi.yml",
        "/schema/{path:str}",
    } == OPEN_ROUTES


async def test_every_route_that_is_not_open_answers_401_without_a_token() -> None:
    app = house(ROUTES)
    async with visiting(app, None) as client:
        for path, handler in handlers_of(app):
            for method in sorted(getattr(handler, "http_methods", {"GET"}) - {"OPTIONS"}):
                status = (await client.request(method, path.replace("{how:str}", "x"))).status_code
                assert (status == 401) is (path not in OPEN_ROUTES), (method, path, status)


async def test_a_handler_that_was_not_seen_at_the_start_needs_an_admin() -> None:
    @get("/api/v1/late", guards=[guard("viewer")])
    async def late() -> str:
        return "late"

    app = house(ROUTES)
    app.register(late)
    async with visiting(app, "operator") as client:
        assert (await client.get("/api/v1/late")).status_code == 403
    async with visiting(app, "admin") as client:
        assert (await client.get("/api/v1/late")).status_code == 200


async def test_a_guard_of_somebody_else_is_kept_beside_ours() -> None:
    async def never_on_sundays(connection: object, handler: BaseRouteHandler) -> None:
        raise Conflict(what="it is sunday")

    @get("/api/v1/church", guards=[guard("viewer"), never_on_sundays])
    async def church() -> str:
        return "open"

    async with visiting(house([church])) as client:
        assert (await client.get("/api/v1/church")).status_code == 409
    async with visiting(house([church]), None) as client:
        assert (await client.get("/api/v1/church")).status_code == 401


async def test_the_guard_itself_refuses_where_nothing_took_it_over() -> None:
    @get("/api/v1/diary", guards=[guard("viewer")])
    async def diary() -> str:
        return "the diary"

    plain = Litestar([diary], exception_handlers={Fault: on_fault}, openapi_config=None, logging_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(plain), base_url="http://h") as client:  # type: ignore[arg-type]
        assert (await client.get("/api/v1/diary")).status_code == 401


DEEP = b"[" * 4_000 + b"]" * 4_000


@pytest.mark.parametrize("body", [DEEP, b'{"weeks": ' + DEEP + b"}", b'{"a":' * 1_500 + b"1" + b"}" * 1_500])
async def test_json_nested_beyond_reading_is_the_senders_mistake(
    body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    async with visiting(house(ROUTES)) as client:
        answer = await client.post("/api/v1/weeks", content=body)
    error = msgspec.json.decode(answer.content, type=ErrorBody).error
    assert (answer.status_code, error.type, error.ran) == (422, "kernel.Invalid", "no")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"nmae": "x"}', "nmae: no such field; the nearest is 'name'"),
        (b'{"rooms": [{"weeks": 1}, {"weeks": 1, "week": 2}]}', "rooms[1].week: no such field; the nearest is 'weeks'"),
    ],
)
async def test_a_field_that_no_type_has_is_refused_by_its_name(body: bytes, message: str) -> None:
    async with visiting(house(ROUTES)) as client:
        refused = await client.post("/api/v1/home", content=body)
        taken = await client.post("/api/v1/home", content=b'{"rooms": [{"weeks": 1}]}')
    assert (refused.status_code, refused.json()["error"]["message"]) == (422, message)
    assert (taken.status_code, taken.json()) == (201, {"rooms": [{"weeks": 1}], "name": "home"})
