"""Where the suggestions get what they need."""

from __future__ import annotations

from dependency_injector import containers, providers

from kernel.data.dispatch import Subscription
from kernel.runtime.wiring import Assembled, Kit
from modules.automation.facade import Automations, Suggestions
from modules.automation.internal.service import CONSUMER, AutomationService, SuggestionService
from modules.patterns import Patterns
from modules.patterns.events import HabitsFound


class AutomationContainer(containers.DeclarativeContainer):
    kit = providers.Dependency(instance_of=Kit)
    suggestions = providers.Singleton(
        SuggestionService,
        database=kit.provided.database,
        patterns=kit.provided.ports.of.call(Patterns),
        clock=kit.provided.clock,
    )
    automations = providers.Singleton(AutomationService)


def assemble(kit: Kit) -> Assembled:
    container = AutomationContainer(kit=kit)
    suggestions = container.suggestions()
    return Assembled(
        services={Suggestions: suggestions, Automations: container.automations()},
        subscriptions=(Subscription(CONSUMER, (HabitsFound.topic(),), suggestions.hear),),
    )
