"""HTTP as the client needs it: one pool, one attempt at a time, and every way in which it can fail has a Fault.

no connection                                  Unreachable   ran: no
no address                                     Invalid       ran: no
sent, then cut, garbled, too large, too quiet  Lost          ran: unknown
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager

import aiohttp
from yarl import URL

from kernel.errors import Invalid, Lost, Unreachable

# Below uvicorn's 5 s, so that this side is the one to close an idle connection and none dies under a call.
_KEEP_ALIVE_SECONDS = 4.0
_CONNECT_SECONDS = 5.0
_READ_BYTES = 1 << 20


class Peer:
    """A pool of kept connections to one process. Opened by the first call, in that call's event loop."""

    def __init__(self, base_url: str, token: str | None, *, connections: int, most_bytes: int) -> None:
        self.url = base_url.rstrip("/")
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._connections = connections
        self._most_bytes = most_bytes
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def ask(
        self, operation: str, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """One attempt: the status and the whole body."""
        response = await self.send(operation, method, url, headers, body)
        try:
            return response.status, await self.whole(operation, response)
        finally:
            response.release()

    async def send(
        self, operation: str, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
    ) -> aiohttp.ClientResponse:
        """One attempt, its body not yet read; whoever gets it closes it."""
        session = self._open()
        with self._told(operation):
            return await session.request(method, url, headers=headers, data=body, allow_redirects=False)

    async def whole(self, operation: str, response: aiohttp.ClientResponse) -> bytes:
        """The body, no larger than the limit."""
        parts = bytearray()
        with self._told(operation):
            if 0 <= (response.content_length or -1) <= self._most_bytes:
                return await response.read()
            async for part in response.content.iter_any():
                parts += part
                if len(parts) > self._most_bytes:
                    response.close()
                    raise Lost(operation=operation, reason=f"the answer is larger than {self._most_bytes} bytes")
        return bytes(parts)

    async def lines(self, operation: str, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        """Whole lines of the body; what is left without a line's end is not given."""
        rest = b""
        with self._told(operation):
            async for part in response.content.iter_any():
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > self._most_bytes:
                    raise Lost(operation=operation, reason=f"a line is longer than {self._most_bytes} bytes")

    @contextmanager
    def _told(self, operation: str) -> Iterator[None]:
        try:
            yield
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(peer=self.url, reason=_said(error)) from error
        except aiohttp.InvalidURL as error:
            raise Invalid(
                where="url", expected=f"an http address such as http://127.0.0.1:8010, not {self.url[:80]!r}"
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Lost(operation=operation, reason=_said(error)) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise Unreachable(peer=self.url, reason="this client was closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
                headers=self._headers,
                read_bufsize=_READ_BYTES,
            )
        return self._session

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
