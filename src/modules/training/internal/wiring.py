"""Where the service of `training` gets what it needs."""

from __future__ import annotations

from dependency_injector import containers, providers

from kernel.runtime.wiring import Assembled, Kit
from modules.training.facade import Training
from modules.training.internal.service import TrainingService
from modules.training.internal.simulating import Simulator
from modules.training.internal.store import KIND


class TrainingContainer(containers.DeclarativeContainer):
    kit = providers.Dependency(instance_of=Kit)
    training = providers.Singleton(TrainingService, kit.provided.database, kit.provided.jobs, kit.provided.heavy)
    simulator = providers.Singleton(Simulator, kit.provided.database, kit.provided.folder, kit.provided.heavy)


def assemble(kit: Kit) -> Assembled:
    room = TrainingContainer(kit=kit)
    return Assembled(services={Training: room.training()}, jobs={KIND: room.simulator()})
