"""What a type cannot say about a setting: zones that exist, cron that parses, addresses that can be reached at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from kernel.runtime.settings.tree import Settings


def problems_of(settings: Settings) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong and what to write) for everything that is wrong."""
    yield from _home(settings)
    yield from _cron(settings)
    yield from _peers(settings)
    yield from _database(settings)


def _home(settings: Settings) -> Iterator[tuple[str, str]]:
    home = settings.home
    try:
        ZoneInfo(home.zone)
    except (KeyError, ValueError, OSError):
        yield "home.zone", f"there is no time zone {home.zone!r}: write an IANA name such as Europe/Berlin"
    for name, value, most in (("latitude", home.latitude, 90.0), ("longitude", home.longitude, 180.0)):
        if value is not None and not -most <= value <= most:
            yield f"home.{name}", f"{value} is no {name}: write degrees from {-most:g} to {most:g}"
    if (home.latitude is None) != (home.longitude is None):
        yield "home.latitude", "latitude and longitude go together: set both or none"


def _cron(settings: Settings) -> Iterator[tuple[str, str]]:
    if not settings.learn.cron:
        return
    from kernel.runtime.cron import cron_trigger  # only here, so that nothing else waits for it

    try:
        cron_trigger(settings.learn.cron, UTC)
    except ValueError as wrong:
        yield "learn.cron", f"{settings.learn.cron!r} is no cron line ({wrong}): write five fields, such as 30 3 * * *"


def _peers(settings: Settings) -> Iterator[tuple[str, str]]:
    for module, address in settings.peers.urls.items():
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            yield "peers.urls", f"{module}: {address!r} is no address: write http://host:port"


def _database(settings: Settings) -> Iterator[tuple[str, str]]:
    url = settings.database.url.reveal()
    if url.startswith("sqlite:///"):
        if "{module}" not in url:
            yield "database.url", "SQLite keeps one file per module: write {module} into the file's name"
    elif not url.startswith("postgresql+psycopg://"):
        yield "database.url", "it must begin with sqlite:/// or postgresql+psycopg://"
