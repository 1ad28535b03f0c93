"""A facade over HTTP as a stranger with curl sees it: strict bodies, typed refusals, streams that end or say why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from kernel.errors import Forbidden
from kernel.facade.context import Context, Principal, enter, leave
from kernel.facade.contract import contract_hash
from kernel.facade.server import rpc_routes
from kernel.testing.sample import SHELF, Jar, Shelved
from kernel.testing.scenarios import eventually
from kernel.testing.served import rpc_app, serving


@pytest.fixture
async def shop() -> AsyncIterator[Any]:
    service = Shelved()
    service.kept["plums"] = Jar(name="plums")
    async with (
        serving(rpc_app([(SHELF, service)], most_body_bytes=20_000)) as url,
        aiohttp.ClientSession(f"{url}/rpc/sample/Shelf/") as session,
    ):
        yield SimpleNamespace(service=service, session=session, url=url)


async def ask(shop: Any, operation: str, body: bytes, **headers: str) -> tuple[int, Any]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with shop.session.post(operation, data=body, headers=given) as response:
        return response.status, await response.json()


async def test_needs_nothing_but_curl(shop: Any) -> None:
    status, reply = await ask(shop, "jar", b'{"name": "plums"}')
    assert (status, reply["name"]) == (200, "plums")
    assert await ask(shop, "fail", b'{"how": "busy"}') == (
        429,
        {
            "error": {
                "type": "kernel.Busy",
                "ran": "no",
                "message": "the shelf is full; try again in 2.5 s",
                "fields": {"what": "the shelf is full", "retry_after_seconds": 2.5},
            }
        },
    )


@pytest.mark.parametrize(
    ("operation", "body", "where"),
    [
        ("jar", b'{"name": 5}', "name"),
        ("jar", b"{}", "body"),
        ("jar", b"", "body"),
        ("jar", b"[1]", "body"),
        ("jar", b'{"name": "plums", "nome": "pears"}', "body"),
        ("jar", b'{"name": "plums"', "body"),
        ("jar", b"\xff\xfe", "body"),
        ("jar", b"[" * 10_000, "body"),
        ("jar", b'{"a":' * 2_500 + b"1" + b"}" * 2_500, "body"),
        ("put", b'{"jar": {"name": "plums", "ful": 0.5}}', "jar.ful"),
        ("put", b'{"jar": {"name": "plums", "full": "0.5"}}', "jar.full"),
        ("put", b'{"jar": {"name": "plums", "full": 1.5}}', "jar.full"),
        ("put", b'{"jar": {"name": "plums", "full": NaN}}', "body"),
        ("put", b'{"jar": {"name": "plums", "colour": "blue"}}', "jar.colour"),
        ("put", b'{"jar": {"name": "plums", "filled_at": "2026-01-01T00:00:00"}}', "jar.filled_at"),
        ("reflect", b'{"value": {"tree": {"type": "twig"}, "id": "x"}}', "value.tree.type"),
        ("reflect", b'{"value": {"tree": {"type": "leaf", "number": 1}, "id": "x", "limit": 10}}', "value.limit"),
        ("reflect", b'{"value": {"tree": {"type": "leaf", "number": true}, "id": "x"}}', "value.tree.number"),
    ],
)
async def test_refuses_a_body_that_does_not_fit_and_names_the_place(
    shop: Any, operation: str, body: bytes, where: str
) -> None:
    status, reply = await ask(shop, operation, body)
    assert (status, reply["error"]["type"], reply["error"]["ran"]) == (422, "kernel.Invalid", "no")
    assert reply["error"]["fields"]["where"] == where
    assert shop.service.calls == []


async def test_refuses_a_body_beyond_the_limit(shop: Any) -> None:
    status, reply = await ask(shop, "jar", b'{"name": "' + b"x" * 30_000 + b'"}')
    assert (status, reply["error"]["ran"]) == (413, "no")
    assert shop.service.calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Homewright_Deadline": "soon"},
        {"Homewright_Deadline": "nan"},
        {"Homewright_Deadline": "inf"},
        {"Homewright_Deadline": ""},
        {"Homewright_Caller": "a b"},
        {"Homewright_Caller": "x" * 65},
        {"Idempotency_Key": "x" * 201},
        {"Idempotency_Key": ""},
    ],
)
async def test_refuses_headers_that_make_no_sense(shop: Any, headers: dict[str, str]) -> None:
    status, reply = await ask(shop, "jar", b'{"name": "plums"}', **headers)
    assert (status, reply["error"]["type"]) == (422, "kernel.Invalid")
    assert reply["error"]["fields"]["where"] == "header " + next(iter(headers)).replace("_", "-").lower()


@pytest.mark.parametrize(
    "trace",
    [
        "",
        "00-zz-zz-01",
        "00-" + "0" * 32 + "-" + "1" * 16 + "-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
        f"00-{'A' * 32}-{'b' * 16}-01",
        f"ff-{'1' * 32}",
        f"ff-{'1' * 32}-{'b' * 16}-01",
        f"00-{'1' * 32}-{'b' * 16}-01-",
        f"00-{'1' * 32}-{'b' * 16}-01-what-the-future-will-be-like",
        f"cc-{'1' * 32}-{'b' * 16}-01.what-the-future-will-be-like",
    ],
)
async def test_begins_a_new_trace_where_the_given_one_is_malformed(shop: Any, trace: str) -> None:
    status, reply = await ask(shop, "seen", b"{}", traceparent=trace)
    assert status == 200
    assert len(reply["trace_id"]) == 32
    assert reply["trace_id"] not in trace


@pytest.mark.parametrize("more", ["", "-", "-what-the-future-will-be-like"])
async def test_goes_on_with_the_trace_of_a_version_that_is_not_ours(shop: Any, more: str) -> None:
    """W3C Trace Context 3.2.4: what we know of it counts; only version 00 must end where it ends."""
    _, seen = await ask(shop, "seen", b"{}", traceparent=f"cc-{'a' * 32}-{'b' * 16}-01{more}")
    assert seen["trace_id"] == "a" * 32


async def test_takes_up_what_the_headers_say(shop: Any) -> None:
    headers = {"Homewright_Caller": "query", "Idempotency_Key": "k-1", "Homewright_Deadline": "5"}
    _, seen = await ask(shop, "seen", b"{}", **headers, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    assert seen == {
        "caller": "query",
        "received": "k-1",
        "key": None,
        "trace_id": "a" * 32,
        "has_deadline": True,
        "principal": None,
        "role": None,
    }


async def test_a_deadline_that_has_passed_is_not_begun(shop: Any) -> None:
    status, reply = await ask(shop, "jar", b'{"name": "plums"}', Homewright_Deadline="-0.1")
    assert (status, reply["error"]["type"], reply["error"]["ran"]) == (504, "kernel.Late", "no")
    assert shop.service.calls == []


async def test_a_deadline_ends_the_call_at_the_service(shop: Any) -> None:
    status, reply = await ask(shop, "fail", b'{"how": "sleep"}', Homewright_Deadline="0.1")
    assert (status, reply["error"]["type"], reply["error"]["ran"]) == (504, "kernel.Late", "unknown")


async def test_streams_ndjson_to_an_end_frame(shop: Any) -> None:
    async with shop.session.post("jars", data=b"{}") as response:
        assert response.content_type == "application/x-ndjson"
        frames = [json.loads(line) for line in (await response.read()).splitlines()]
    assert [frame.get("item", {}).get("name") for frame in frames] == ["plums", None]
    assert frames[-1] == {"end": True}


async def test_a_stream_that_fails_says_why_in_its_last_frame(shop: Any) -> None:
    async with shop.session.post("jars", data=b'{"prefix": "bad"}') as response:
        frames = [json.loads(line) for line in (await response.read()).splitlines()]
    assert [*frames[0]] == ["item"]
    assert frames[-1]["error"]["type"] == "kernel.NoJar"


async def test_a_stream_that_fails_at_once_has_the_status_of_its_fault(shop: Any) -> None:
    shop.service.kept.clear()
    status, reply = await ask(shop, "jars", b'{"prefix": "bad"}')
    assert (status, reply["error"]["type"]) == (404, "kernel.NoJar")


async def test_a_client_that_goes_away_closes_the_services_iterator(shop: Any) -> None:
    shop.service.kept = {f"jar {number}": Jar(name=f"jar {number}") for number in range(1000)}
    response = await shop.session.post("jars", data=b'{"prefix": "slow"}')
    await response.content.readline()
    assert shop.service.open_streams == 1
    response.close()
    await eventually(lambda: shop.service.open_streams == 0, seconds=2, what="the closing of the stream")


async def test_a_client_that_stops_reading_and_goes_closes_it_too(shop: Any) -> None:
    shop.service.kept = {f"jar {number}": Jar(name=f"jar {number}") for number in range(50_000)}
    response = await shop.session.post("jars", data=b"{}")
    await response.content.readline()
    await asyncio.sleep(0.1)
    response.close()
    await eventually(lambda: shop.service.open_streams == 0, seconds=5, what="the closing of the stream")


async def test_an_operation_that_does_not_exist_is_not_found(shop: Any) -> None:
    async with shop.session.post("juggle", data=b"{}") as response:
        assert response.status == 404


async def test_gives_the_contracts_hash(shop: Any) -> None:
    async with aiohttp.request("GET", f"{shop.url}/rpc/sample/Shelf") as response:
        assert await response.json() == {"facade": "sample/Shelf", "contract": contract_hash(SHELF)}


def door(app: Any, principal: Principal | None) -> Any:
    """What stands before Litestar in a real house: it knows who asks."""

    async def entered(scope: Any, receive: Any, send: Any) -> None:
        token = enter(Context(principal=principal, trace_id="c" * 32))
        try:
            await app(scope, receive, send)
        finally:
            leave(token)

    return entered


@pytest.mark.parametrize(
    ("token", "seen_as"),
    [
        (Principal(name="peer", role="admin"), ("Zoë", "viewer")),
        (Principal(name="eve", role="operator"), ("eve", "operator")),
        (None, (None, None)),
    ],
)
async def test_believes_an_admins_word_on_whom_it_asks_for(token: Principal | None, seen_as: Any) -> None:
    app = door(rpc_app([(SHELF, Shelved())]), token)
    headers = {"Homewright-Principal": "Zo%C3%AB", "Homewright-Role": "viewer"}
    asking: Any = {"data": b"{}", "headers": headers}
    async with serving(app) as url, aiohttp.request("POST", f"{url}/rpc/sample/Shelf/seen", **asking) as response:
        seen = await response.json()
    assert (seen["principal"], seen["role"]) == seen_as
    assert seen["trace_id"] == "c" * 32


async def test_an_admins_word_must_make_sense() -> None:
    app = door(rpc_app([(SHELF, Shelved())]), Principal(name="peer", role="admin"))
    headers = {"Homewright-Principal": "Zo%C3%AB", "Homewright-Role": "king"}
    asking: Any = {"data": b"{}", "headers": headers}
    async with serving(app) as url, aiohttp.request("POST", f"{url}/rpc/sample/Shelf/seen", **asking) as response:
        assert response.status == 422


def test_reads_ask_for_a_viewer_and_writes_for_an_operator() -> None:
    asked: dict[str, str] = {}

    def guard(role: str) -> Any:
        def guarded(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
            raise Forbidden(needed=role, role="none")

        guarded.__name__ = role
        return guarded

    for route in rpc_routes([(SHELF, Shelved())], guard=guard):
        asked[str(route.name)] = route.guards[0].__name__
    assert asked == {
        "rpc:sample/Shelf": "viewer",
        "rpc:sample/Shelf/jar": "viewer",
        "rpc:sample/Shelf/put": "operator",
        "rpc:sample/Shelf/take": "operator",
        "rpc:sample/Shelf/jars": "viewer",
        "rpc:sample/Shelf/reflect": "viewer",
        "rpc:sample/Shelf/seen": "viewer",
        "rpc:sample/Shelf/fail": "operator",
    }


async def test_a_guards_refusal_has_the_form_of_every_error() -> None:
    def guard(role: str) -> Any:
        def guarded(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
            raise Forbidden(needed=role, role="none")

        return guarded

    app: Litestar = rpc_app([(SHELF, Shelved())], guard=guard)
    async with serving(app) as url, aiohttp.request("POST", f"{url}/rpc/sample/Shelf/put", data=b"{}") as response:
        assert response.status == 403
        assert (await response.json())["error"]["fields"] == {"needed": "operator", "role": "none"}
