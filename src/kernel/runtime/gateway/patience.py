"""How long a client may let us wait. Else a few that send nothing would hold connections, and memory, for ever.

    connected, or the last answer sent -> headers whole     at most `seconds` (uvicorn's own limit between requests too)
    headers whole -> each part of the body                  at most `seconds` each, while somebody here wants to read
    answered before the body was whole                      at most `seconds` more for what is still to come

Large uploads live as long as bytes flow; a client is never blamed for what we are slow to take.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kernel.errors import Refused

if TYPE_CHECKING:
    from litestar.types import HTTPReceiveMessage, Receive


class TooSlow(Refused):
    """The body did not come."""

    seconds: float
    http_status = 408

    def __str__(self) -> str:
        return f"no part of the body came for {self.seconds:g} s: send it, or set server.receive_seconds"


class PatientReceive:
    """An ASGI `receive` for a request with a body: raises TooSlow when its next part does not come in time."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive: Any = receive
        self._seconds = seconds
        self._more = True
        self.gave_up = False

    async def __call__(self) -> HTTPReceiveMessage:
        if not self._more:  # What is awaited now is only that the client goes away.
            return await self._receive()  # type: ignore[no-any-return]
        try:
            async with asyncio.timeout(self._seconds):
                message: HTTPReceiveMessage = await self._receive()
        except TimeoutError:
            self.gave_up = True
            raise TooSlow(seconds=self._seconds) from None
        self._more = message["type"] == "http.request" and message["more_body"]
        return message


def has_body(headers: Any) -> bool:
    """Whether the head of a request announces a body."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 ")) for name, value in headers
    )


def patient_protocol(seconds: float) -> type[HttpToolsProtocol]:
    """uvicorn's protocol, which by itself waits for ever for the headers and for the rest of an answered request."""

    class Patient(HttpToolsProtocol):
        _ends: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._begin()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._ends is None and (self.cycle is None or self.cycle.response_complete):
                self._begin()  # A beginning of headers, or less: uvicorn has just stopped its own clock.

        def on_headers_complete(self) -> None:
            self._stop()
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            if self.cycle.response_complete:
                self._stop()
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.cycle.response_complete and self.cycle.more_body:
                self._begin()

        def _begin(self) -> None:
            self._stop()
            self._ends = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def _stop(self) -> None:
            if self._ends is not None:
                self._ends.cancel()
                self._ends = None

    return Patient
