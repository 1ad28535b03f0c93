"""The command line's session: a house opened on the data folder, or, with --url, another house's facades over HTTP."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kernel.runtime.settings import Settings, load
from kernel.runtime.terminal import Session, Terminal
from kernel.runtime.terminal.session import PortGiver

if TYPE_CHECKING:
    from homewright.house import House
    from kernel.facade.client import RemoteHouse

P = TypeVar("P")


@dataclass
class Options:
    """What was said before the command's name."""

    data_dir: str | None = None
    config: Path | None = None
    url: str | None = None
    token_file: Path | None = None
    """Not the token itself: a command line is seen by every process of the machine."""


class HomeSession(Session):
    """`ctx.obj` of the face's own commands. `house` is there when the session works on a data folder."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal, self._open)
        self.options = Options()
        self._opened: House | None = None

    def settings(self, **flags: Any) -> Settings:
        """The settings of this run. Raises BadSettings."""
        return load(os.environ, self.options.config, {"data_dir": self.options.data_dir} | flags)

    def house(self) -> House:
        """The house on the data folder. Ask for it in the command itself, as for a port."""
        from kernel.errors import NotConfigured
        from modules.patterns import History

        if self.options.url:
            raise NotConfigured(what="this command over --url", how="run it where the data folder is, or use REST")
        self.port(History)
        return cast("House", self._opened)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[PortGiver]:
        if self.options.url:
            async with _remote(self.options.url, _token(self.options.token_file)) as ports:
                yield ports
            return
        from homewright.house import open_house

        async with open_house(self.settings()) as house:
            self._opened = house
            async with house.working():
                yield house.ports("terminal")
            await house.deliver()


@asynccontextmanager
async def _remote(url: str, token: str | None) -> AsyncIterator[PortGiver]:
    from kernel.facade.client import RemoteHouse

    house = RemoteHouse(url, token, how_to_enter="name the file that holds it: --token-file FILE")
    try:
        yield _RemotePorts(house)
    finally:
        await house.close()


def _token(path: Path | None) -> str | None:
    """Raises NotConfigured if the file cannot be read."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        from kernel.errors import NotConfigured

        raise NotConfigured(what="the token for --url", how=f"{path} cannot be read ({unreadable})") from unreadable


class _RemotePorts:
    """The facades of another house."""

    def __init__(self, house: RemoteHouse) -> None:
        self._house = house

    def of(self, protocol: type[P]) -> P:
        from homewright.registry import facade_of

        return cast(P, self._house.port(facade_of(protocol), "terminal"))
