"""A peer may restart, stop in the middle, say nothing, or be no Homewright at all. Each has its fault, none hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest

from kernel.errors import Busy, Cut, Fault, Invalid, Late, Lost, NotConfigured, Unauthorized, Unreachable
from kernel.facade import calling
from kernel.facade.client import RemoteHouse
from kernel.testing.sample import SHELF, Jar, Shelved
from kernel.testing.served import listening, rpc_app, serving

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

JAR = b'{"name":"plums","full":0.0,"colour":"red","filled_at":"2026-01-01T00:00:00Z"}'


class Rude:
    """A TCP peer that answers each request with the next of its scripts; the last one stays."""

    def __init__(self, *scripts: bytes | None) -> None:
        self.scripts = list(scripts)
        self.heads: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head.decode().lower())
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
            if script is None:
                await asyncio.sleep(60)
            writer.write(script or b"")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def keys(self) -> list[str]:
        lines = [line for head in self.heads for line in head.split("\r\n") if line.startswith("idempotency-key")]
        return [line.split(": ")[1] for line in lines]


@asynccontextmanager
async def rude(*scripts: bytes | None, **options: Any) -> AsyncIterator[tuple[Rude, Any]]:
    peer = Rude(*scripts)
    server = await asyncio.start_server(peer.talk, "127.0.0.1", 0)
    house = RemoteHouse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None, **options)
    try:
        yield peer, house.port(SHELF, "test")
    finally:
        await house.close()
        server.close()


def reply(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n\r\n".encode() + body


WHOLE = reply(JAR)
HALF = reply(JAR[:20], length=len(JAR))


async def test_half_a_reply_is_lost_and_a_read_is_asked_again() -> None:
    async with rude(HALF, b"", WHOLE) as (peer, shelf):
        assert (await shelf.jar("plums")).name == "plums"
    assert len(peer.heads) == 3


async def test_a_write_without_idempotency_is_sent_once() -> None:
    async with rude(HALF) as (peer, shelf):
        with pytest.raises(Lost) as met:
            await shelf.take("plums")
    assert len(peer.heads) == 1
    assert met.value.ran == "unknown"


async def test_an_idempotent_write_is_sent_again_under_the_same_key() -> None:
    async with rude(HALF, reply(b"1")) as (peer, shelf):
        assert await shelf.put(Jar(name="plums")) == 1
    first, second = peer.keys()
    assert first == second


async def test_the_callers_own_key_is_used() -> None:
    async with rude(reply(b"1")) as (peer, shelf):
        with calling(key="once-7"):
            await shelf.put(Jar(name="plums"))
    assert peer.keys() == ["once-7"]


async def test_no_connection_is_told_as_not_run() -> None:
    bound = listening()
    house = RemoteHouse(f"http://127.0.0.1:{bound.getsockname()[1]}", None, attempts=2)
    bound.close()
    try:
        with pytest.raises(Unreachable) as met:
            await house.port(SHELF, "test").take("plums")
        assert met.value.ran == "no"
    finally:
        await house.close()


async def test_a_peer_that_never_answers_costs_the_default_time_at_most() -> None:
    began = monotonic()
    async with rude(None, default_seconds=0.2) as (_, shelf):
        with pytest.raises(Late):
            await shelf.jar("plums")
    assert monotonic() - began < 2


async def test_a_peer_that_never_answers_costs_no_more_than_the_deadline() -> None:
    began = monotonic()
    async with rude(None) as (_, shelf):
        with pytest.raises(Late), calling(seconds=0.2):
            await shelf.jar("plums")
        with pytest.raises(Late), calling(seconds=0.2):
            [jar async for jar in shelf.jars()]
    assert monotonic() - began < 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: banana\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        reply(b"<html>It works!</html>"),
        reply(b""),
        reply(b"\xff\xfe"),
        reply(b'{"name": 5}'),
        reply(b'{"name": ""}'),
        reply(b"[" * 5000),
        reply(b"moved", "302 Found"),
        reply(b"bad gateway", "502 Bad Gateway"),
        reply(b'{"error": "oh"}', "500 Oh"),
        reply(b'{"error": {"type": "kernel.NoJar", "ran": "unknown", "message": "", "fields": {"name": 5}}}', "404 N"),
        reply(b'{"error": {"type": "other.Thing", "ran": "unknown", "message": "m", "fields": {}}}', "409 C"),
    ],
)
async def test_garbage_is_lost(answer: bytes) -> None:
    async with rude(answer) as (_, shelf):
        with pytest.raises(Lost) as met:
            await shelf.take("plums")
    assert met.value.ran == "unknown"
    assert str(met.value).startswith("sample/Shelf/take: sent, but no whole answer came back (")


async def test_an_answer_beyond_the_limit_is_not_read() -> None:
    async with rude(reply(b'"' + b"x" * 5000 + b'"'), most_bytes=1000) as (_, shelf):
        with pytest.raises(Lost, match="larger than 1000 bytes"):
            await shelf.take("plums")


async def test_an_unending_answer_is_not_read() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000
    async with rude(endless, most_bytes=1000) as (_, shelf):
        with pytest.raises(Lost, match="larger than 1000 bytes"):
            await shelf.take("plums")


@pytest.mark.parametrize(("status", "kind"), [("401 Unauthorized", Unauthorized), ("404 Not Found", NotConfigured)])
async def test_a_strangers_refusal_is_told_as_not_run(status: str, kind: type[Fault]) -> None:
    async with rude(reply(b"nothing here", status)) as (peer, shelf):
        with pytest.raises(kind) as met:
            await shelf.jar("plums")
    assert met.value.ran == "no"
    assert len(peer.heads) == 1


async def test_a_fault_that_the_service_answered_is_not_asked_again() -> None:
    busy = b'{"error":{"type":"kernel.Busy","ran":"no","message":"","fields":{"what":"full","retry_after_seconds":1}}}'
    async with rude(reply(busy, "429 Too Many Requests")) as (peer, shelf):
        with pytest.raises(Busy):
            await shelf.jar("plums")
    assert len(peer.heads) == 1


@pytest.mark.parametrize(
    "rest",
    [b"", b'{"item":' + JAR, b'{"item":' + JAR + b"}\n", b'{"item":{}}\n', b"hello\n", b"{}\n", b"\xff\n", b"\n"],
)
async def test_a_stream_without_its_end_is_cut(rest: bytes) -> None:
    frame = b'{"item":' + JAR + b"}\n"
    async with rude(b"HTTP/1.1 200 OK\r\n\r\n" + frame + rest) as (_, shelf):
        jars = shelf.jars()
        assert (await anext(jars)).name == "plums"
        with pytest.raises(Cut) as met:
            [jar async for jar in jars]
    assert met.value.items >= 1


async def test_a_stream_that_falls_silent_is_late() -> None:
    frame = b'{"item":' + JAR + b"}\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + frame)
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    house = RemoteHouse(url, None, default_seconds=0.2)
    jars = house.port(SHELF, "test").jars()
    assert (await anext(jars)).name == "plums"
    with pytest.raises(Late):
        await anext(jars)
    await house.close()
    server.close()


async def test_a_restarted_peer_is_met_again_on_kept_connections() -> None:
    service = Shelved()
    service.kept["plums"] = Jar(name="plums")
    app = rpc_app([(SHELF, service)])
    async with serving(app) as url:
        house = RemoteHouse(url, None)
        shelf = house.port(SHELF, "test")
        await asyncio.gather(*(shelf.jar("plums") for _ in range(10)))
    port = int(url.rpartition(":")[2])

    async def back_up() -> None:
        await asyncio.sleep(0.3)
        async with serving(app, port):
            await asyncio.sleep(3)

    restart = asyncio.create_task(back_up())
    try:
        jars = await asyncio.gather(*(shelf.jar("plums") for _ in range(10)))
        assert {jar.name for jar in jars} == {"plums"}
        assert await shelf.take("plums") == Jar(name="plums")
    finally:
        await house.close()
        restart.cancel()
        await asyncio.gather(restart, return_exceptions=True)


async def test_no_more_connections_are_opened_than_allowed() -> None:
    open_now, most = 0, 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(size)
                await asyncio.sleep(0.005)
                writer.write(WHOLE)
        except asyncio.IncompleteReadError:
            writer.close()
        finally:
            open_now -= 1

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    house = RemoteHouse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None, connections=4)
    shelf = house.port(SHELF, "test")
    await asyncio.gather(*(shelf.jar("plums") for _ in range(40)))
    assert 1 < most <= 4
    await house.close()
    server.close()


async def test_what_is_no_address_was_never_sent() -> None:
    house = RemoteHouse("garbage", None)
    with pytest.raises(Invalid, match="an http address such as"):
        await house.port(SHELF, "test").jar("plums")
    await house.close()
