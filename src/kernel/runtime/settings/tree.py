"""The tree of settings. A field's description is its effect; a setting without one does not belong here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from kernel.runtime.settings.secret import Secret

DEFAULT_DATA_DIR = "~/.local/share/homewright"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parent of every table of settings."""


class ServerSettings(Section, frozen=True, kw_only=True):
    host: Annotated[str, Meta(min_length=1, description="The address to listen on; 0.0.0.0 is every network.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="The TCP port to listen on; 0 takes any free one.")] = 8010
    body_bytes: Annotated[
        int, Meta(ge=1024, description="The largest request body; a larger one is refused with 413.")
    ] = 16_777_216
    receive_seconds: Annotated[
        float,
        Meta(
            gt=0.0,
            le=3600.0,
            description="How long a client may take for its headers, and for each part of its body; then the "
            "connection is closed (a late body gets 408 first). Large uploads live as long as bytes flow.",
        ),
    ] = 30.0
    stop_seconds: Annotated[
        float,
        Meta(ge=0.0, le=600.0, description="How long a stop (SIGTERM) waits for requests and job steps under way."),
    ] = 10.0


class DatabaseSettings(Section, frozen=True, kw_only=True):
    url: Annotated[
        Secret,
        Meta(
            description="Where the modules' databases are. `{module}` and `{data_dir}` are filled in; "
            "a PostgreSQL address without `{module}` gets one schema per module. Never shown: it may hold a password."
        ),
    ] = field(default_factory=lambda: Secret("sqlite:///{data_dir}/{module}.db"))


class LogSettings(Section, frozen=True, kw_only=True):
    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="The least grave message that is logged.")
    ] = "info"
    format: Annotated[
        Literal["auto", "json", "console"],
        Meta(description="One JSON object or one readable line per message; auto: console on a terminal, else JSON."),
    ] = "auto"


class LimitSettings(Section, frozen=True, kw_only=True):
    requests_per_second: Annotated[
        float,
        Meta(gt=0.0, description="How fast a token's (or, without one, an address's) allowance of requests refills."),
    ] = 100.0
    burst: Annotated[int, Meta(ge=1, description="How many requests may come at once before 429 is answered.")] = 400
    failures_per_minute: Annotated[
        float, Meta(gt=0.0, description="How many wrong tokens per minute an address may send before 429 is answered.")
    ] = 20.0


class JobSettings(Section, frozen=True, kw_only=True):
    queue: Annotated[
        int, Meta(ge=1, le=10_000, description="How many jobs may wait per module; one more is refused with 429.")
    ] = 16
    threads: Annotated[
        int, Meta(ge=1, le=64, description="How many threads do heavy work (numbers, files) beside the event loop.")
    ] = 2


class CacheSettings(Section, frozen=True, kw_only=True):
    memory_bytes: Annotated[
        int, Meta(ge=0, le=8_000_000, description="How much the cache keeps in memory; the least recently used goes.")
    ] = 2_000_000
    disk_bytes: Annotated[
        int, Meta(ge=65_536, le=11_000_000, description="How large the cache's file may grow; the oldest goes first.")
    ] = 8_000_000


class LearnSettings(Section, frozen=True, kw_only=True):
    cron: Annotated[
        str, Meta(description="When the nightly learning runs, in the home's zone, as cron; empty: never by itself.")
    ] = "30 3 * * *"


class HealthSettings(Section, frozen=True, kw_only=True):
    check_seconds: Annotated[
        float, Meta(gt=0.0, le=60.0, description="How long one health check may take before it counts as failed.")
    ] = 2.0
    disk_free_bytes: Annotated[
        int, Meta(ge=0, description="Below this much free space in the data folder the house is not ready.")
    ] = 200_000_000
    outbox_lag_seconds: Annotated[
        float, Meta(gt=0.0, description="An event older than this that is still undelivered makes the house not ready.")
    ] = 300.0


class HomeSettings(Section, frozen=True, kw_only=True):
    zone: Annotated[
        str, Meta(description="The IANA time zone of the home; imports and the nightly learning use it by default.")
    ] = "UTC"
    latitude: Annotated[
        float | None, Meta(description="Degrees north; with it and the longitude, rules about the sun can be replayed.")
    ] = None
    longitude: Annotated[float | None, Meta(description="Degrees east; set together with the latitude.")] = None


class PeerSettings(Section, frozen=True, kw_only=True):
    urls: Annotated[
        Mapping[str, str],
        Meta(
            description="Where modules run that are not in this process: module = http address; "
            "in the environment `patterns=http://127.0.0.1:8020,audit=…`."
        ),
    ] = _NOTHING
    token: Annotated[
        Secret | None, Meta(description="The admin token that this process shows to its peers. Never shown.")
    ] = None


class PluginSettings(Section, frozen=True, kw_only=True):
    disabled: Annotated[
        tuple[str, ...],
        Meta(description="Plugins, by the name of their entry point, that are not loaded; with commas between."),
    ] = ()


class Settings(Section, frozen=True, kw_only=True):
    """All that a person can set. `sources` says for each name where its value came from."""

    data_dir: Annotated[Path, Meta(description="The folder that holds everything; made when it is missing.")] = field(
        default_factory=lambda: Path(DEFAULT_DATA_DIR).expanduser()
    )
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    log: LogSettings = LogSettings()
    limits: LimitSettings = LimitSettings()
    jobs: JobSettings = JobSettings()
    cache: CacheSettings = CacheSettings()
    learn: LearnSettings = LearnSettings()
    health: HealthSettings = HealthSettings()
    home: HomeSettings = HomeSettings()
    peers: PeerSettings = PeerSettings()
    plugins: PluginSettings = PluginSettings()
    sources: Mapping[str, str] = _NOTHING

    def database_url(self, module: str) -> str:
        """The address of a module's database, with its password: for engines, not for people."""
        return self.database.url.reveal().replace("{module}", module).replace("{data_dir}", str(self.data_dir))

    def source(self, name: str) -> str:
        """Where `server.port` and the like came from: default, the file's path, a variable, the command line."""
        return self.sources.get(name, "default")
