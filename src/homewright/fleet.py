"""The other processes of the house: one pool of connections to each, and what the settings say of where they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kernel.facade import Facade
from kernel.facade.switch import SwitchRecord, SwitchStore
from kernel.runtime.health.checks import answers
from kernel.runtime.settings.tree import PeerSettings

if TYPE_CHECKING:
    from kernel.facade.client import RemoteHouse

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Fleet:
    """Peers by address. `store` is the kept records, begun with what `peers.urls` says; `peer(url)` gives the pool."""

    def __init__(self, peers: PeerSettings, kept: SwitchStore) -> None:
        self._token = peers.token.reveal() if peers.token else None
        self._houses: dict[str, RemoteHouse] = {}
        self.store: SwitchStore = _Begun(peers, kept)

    def peer(self, url: str) -> RemoteHouse:
        """Only now is the HTTP client loaded: a house without peers does without its memory."""
        from kernel.facade.client import RemoteHouse

        if url not in self._houses:
            self._houses[url] = RemoteHouse(url, self._token)
        return self._houses[url]

    async def problem(self, url: str, facade: Facade) -> str | None:
        """None if the peer answers for the facade, else a sentence."""
        return await answers(f"{facade.path} at {url}", lambda: self.peer(url).describe(facade))()

    async def close(self) -> None:
        for house in self._houses.values():
            await house.close()
        self._houses.clear()


class _Begun:
    """The records of a switch begin with the settings; any flip counts more, because it is newer."""

    def __init__(self, peers: PeerSettings, kept: SwitchStore) -> None:
        self._urls = peers.urls
        self._kept = kept

    async def load(self, facade: str) -> Sequence[SwitchRecord]:
        url = self._urls.get(facade.partition("/")[0])
        begun = [_from_settings(facade, url)] if url else []
        return [*begun, *await self._kept.load(facade)]

    async def append(self, record: SwitchRecord) -> None:
        await self._kept.append(record)


def _from_settings(facade: str, url: str) -> SwitchRecord:
    return SwitchRecord(
        facade=facade,
        state="remote",
        peer_url=url.rstrip("/"),
        changed_at=_BEGINNING,
        changed_by="settings",
        reason="peers.urls",
    )
