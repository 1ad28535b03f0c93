"""Finds plugins, keeps a bad one from doing harm, and holds their names to the law.

entry point -> loaded -> (its hooks are called)
     |-> switched off by plugins.disabled
     '-> broken: left out; health and `homewright modules` say why
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

import click

from homewright.api import Plugin
from kernel.data.dispatch import Subscription
from kernel.data.jobs import JobHandler, Jobs
from kernel.runtime.observe.log import logger
from kernel.runtime.settings import Settings
from kernel.runtime.wiring import Ports

GROUP = "homewright.plugins"
T = TypeVar("T")


@dataclass
class Plugins:
    """Those that were loaded, and why others were not."""

    loaded: dict[str, Plugin] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    disabled: tuple[str, ...] = ()

    @classmethod
    def found(cls, settings: Settings) -> Plugins:
        """Load every installed plugin that is not switched off."""
        plugins = cls(disabled=tuple(settings.plugins.disabled))
        for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
            if point.name not in plugins.disabled:
                plugins._load(point)
        return plugins

    def routes(self, ports: Callable[[str], Ports]) -> list[Any]:
        return self._each(lambda name, plugin: plugin.routes(ports(name)))

    def commands(self) -> list[click.Command]:
        return self._each(lambda name, plugin: plugin.commands())

    def subscriptions(self, ports: Callable[[str], Ports]) -> list[Subscription]:
        return self._each(lambda name, plugin: _named(name, plugin.subscriptions(ports(name))))

    def jobs(self, ports: Callable[[str], Ports], queue: Jobs) -> list[tuple[str, JobHandler]]:
        return self._each(lambda name, plugin: _kinds(name, plugin.jobs(ports(name), queue).items()))

    async def check(self) -> str | None:
        """For health: None, or which plugin is broken and why."""
        return "; ".join(f"plugin {name}: {why}" for name, why in self.broken.items()) or None

    def _load(self, point: EntryPoint) -> None:
        try:
            kind = point.load()
            plugin = kind() if isinstance(kind, type) else kind
            if not isinstance(plugin, Plugin):
                raise TypeError(f"{point.value} is no homewright.api.Plugin")
            self.loaded[point.name] = plugin
        except Exception as failure:
            self._break(point.name, failure)

    def _each(self, hook: Callable[[str, Plugin], Iterable[T]]) -> list[T]:
        """What a hook gives, over all plugins; one that raises is out from then on."""
        gathered: list[T] = []
        for name, plugin in tuple(self.loaded.items()):
            try:
                gathered.extend(hook(f"plugin.{name}", plugin))
            except Exception as failure:
                self._break(name, failure)
        return gathered

    def _break(self, name: str, failure: Exception) -> None:
        self.loaded.pop(name, None)
        self.broken[name] = f"{type(failure).__name__}: {failure}"
        logger("plugins").error("plugin_left_out", plugin=name, exc_info=failure)


def _named(name: str, subscriptions: Sequence[Subscription]) -> Iterable[Subscription]:
    for subscription in subscriptions:
        _refuse(name, subscription.consumer)
    return subscriptions


def _kinds(name: str, jobs: Iterable[tuple[str, JobHandler]]) -> Iterable[tuple[str, JobHandler]]:
    found = list(jobs)
    for kind, _ in found:
        _refuse(name, kind)
    return found


def _refuse(name: str, given: str) -> None:
    if not given.startswith(name + "."):
        raise ValueError(f"{given!r} must begin with {name + '.'!r}: the house tells plugins apart by it")
