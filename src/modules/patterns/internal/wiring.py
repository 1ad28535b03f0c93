"""Where the services of `patterns` get what they need."""

from __future__ import annotations

from dependency_injector import containers, providers

from kernel.runtime.settings import Settings
from kernel.runtime.wiring import Assembled, Kit
from modules.patterns.facade import History, Patterns, Replay
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.importing import IMPORT, Importing
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.learning.job import Learner
from modules.patterns.internal.learning.store import KIND as LEARN
from modules.patterns.internal.service.history import HistoryService
from modules.patterns.internal.service.patterns import PatternsService
from modules.patterns.internal.service.replay import ReplayService
from modules.patterns.types import Place


def home_of(settings: Settings) -> Place | None:
    """Where the home is, if a person has set it: what an import takes that does not say it."""
    if settings.source("home.zone") == "default":
        return None
    home = settings.home
    return Place(zone=home.zone, latitude=home.latitude, longitude=home.longitude)


class PatternsContainer(containers.DeclarativeContainer):
    kit = providers.Dependency(instance_of=Kit)
    database = kit.provided.database
    heavy = kit.provided.heavy
    folder = providers.Singleton(Folder, kit.provided.folder)
    library = providers.Singleton(Library, database, folder, heavy)
    tail = providers.Singleton(Tail, database, folder, heavy)
    importing = providers.Singleton(Importing, database, folder, heavy)
    home = providers.Callable(home_of, kit.provided.settings)
    history = providers.Singleton(
        HistoryService, database, kit.provided.jobs, folder, library, tail, importing, heavy, home=home
    )
    learner = providers.Singleton(Learner, database, library.provided.log, heavy, kit.provided.clock)
    patterns = providers.Singleton(PatternsService, database, kit.provided.jobs, library.provided.log, heavy)
    replay = providers.Singleton(ReplayService, library, heavy, kit.provided.cache)


def assemble(kit: Kit) -> Assembled:
    """Imports and learnings are jobs; the history is swept of what a killed process left before it serves."""
    room = PatternsContainer(kit=kit)
    history, patterns = room.history(), room.patterns()
    return Assembled(
        services={History: history, Patterns: patterns, Replay: room.replay()},
        jobs={IMPORT: room.importing().run, LEARN: room.learner()},
        nightly={"learn": patterns.learn_tonight},
        start=history.start,
    )
