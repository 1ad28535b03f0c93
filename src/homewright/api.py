"""For plugins and programs in the same process.

A plugin is a Python package with an entry point in the group `homewright.plugins` that names a subclass of `Plugin`:

    [project.entry-points."homewright.plugins"]
    greeter = "greeter:Greeter"

It gets facades, and may add REST routes, commands, event handlers and jobs. It never gets a table or a service. The
setting `plugins.disabled` switches it off; one that fails while it is loaded is left out and reported by health.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kernel.data.dispatch import Subscription
from kernel.data.jobs import Job, JobHandler, Jobs
from kernel.facade.event import Envelope
from kernel.runtime.wiring import Ports

if TYPE_CHECKING:
    import click

__all__ = ["Envelope", "Job", "JobHandler", "Jobs", "Plugin", "Ports", "Subscription"]


class Plugin:
    """Override what you need; each hook is called once, when the house opens.

    Events reach a handler at least once: keep `envelope.id` where you keep the effect, or make the effect repeatable.
    Consumers are named `plugin.<name>.<what>`, job kinds `plugin.<name>.<what>`; the house refuses other names.
    """

    name: str = ""

    def routes(self, ports: Ports) -> Sequence[Any]:
        """Litestar handlers. Each needs a guard; the house refuses an open one."""
        return ()

    def commands(self) -> Sequence[click.Command]:
        """Commands for `homewright`; `ctx.obj` is the Session."""
        return ()

    def subscriptions(self, ports: Ports) -> Sequence[Subscription]:
        """Handlers of events, by topic."""
        return ()

    def jobs(self, ports: Ports, queue: Jobs) -> Mapping[str, JobHandler]:
        """Handlers of jobs, by kind; `await queue.put(kind, payload)` queues one, and it survives a restart."""
        return {}
