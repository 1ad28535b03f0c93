"""Suggestions from habits, and rules as Home Assistant automations."""

from modules.automation import errors, events, types
from modules.automation.facade import FACADES, Automations, Suggestions

__all__ = ["FACADES", "Automations", "Suggestions", "errors", "events", "types"]
