"""The recorded past of the home, the habits in it, and the replay of rules on it."""

from modules.patterns import errors, events, types
from modules.patterns.facade import FACADES, History, Patterns, Replay

__all__ = ["FACADES", "History", "Patterns", "Replay", "errors", "events", "types"]
