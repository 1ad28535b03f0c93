"""A real server in a process of its own, and a plain client for it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

TIMEOUT_SECONDS = 30


class Server:
    """`homewright serve` on a data folder. `url` is where it listens."""

    def __init__(self, data: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, "-m", "homewright", "--data-dir", str(data), "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (env or {}),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"the server did not start: {line}{self.process.stderr.read()}")  # type: ignore[union-attr]
        self.url = found.group()

    def stop(self) -> tuple[int, str]:
        """SIGTERM; gives the exit code and what was logged."""
        self.process.send_signal(signal.SIGTERM)
        _, logged = self.process.communicate(timeout=TIMEOUT_SECONDS)
        return self.process.returncode, logged

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=TIMEOUT_SECONDS)

    def client(self, token: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT_SECONDS)


@contextmanager
def serving(data: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[Server]:
    server = Server(data, *arguments, env=env)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def homewright(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, as a person runs it in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "homewright", "--data-dir", str(data), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def accepted(server: Server, role: str = "admin", name: str = "test") -> httpx.Client:
    """A client with a new token, made by the command line: it works at once."""
    return server.client(token(server.data, role, name))


def token(data: Path, role: str = "admin", name: str = "test") -> str:
    made = homewright(data, "token", "create", name, "--role", role)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()
