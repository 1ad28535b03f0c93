"""Where the trail gets what it needs."""

from __future__ import annotations

from dependency_injector import containers, providers

from kernel.data.dispatch import Subscription
from kernel.runtime.wiring import Assembled, Kit
from modules.audit.facade import Trail
from modules.audit.internal.checkpoints import Checkpoints
from modules.audit.internal.service import CONSUMER, TrailService


class AuditContainer(containers.DeclarativeContainer):
    kit = providers.Dependency(instance_of=Kit)
    checkpoints = providers.Singleton(Checkpoints, kit.provided.folder.joinpath.call("checkpoints.ndjson"))
    trail = providers.Singleton(
        TrailService,
        database=kit.provided.database,
        checkpoints=checkpoints,
        heavy=kit.provided.heavy,
        clock=kit.provided.clock,
    )


def assemble(kit: Kit) -> Assembled:
    """The trail listens to everything, and handles nothing for anybody else: it observes."""
    trail = AuditContainer(kit=kit).trail()
    return Assembled(
        services={Trail: trail},
        subscriptions=(Subscription(CONSUMER, ("*",), trail.hear, observes=True),),
        checks={"trail": trail.check},
        nightly={"checkpoint": trail.keep_checkpoint},
        start=trail.start,
        stop=trail.keep_checkpoint,
    )
