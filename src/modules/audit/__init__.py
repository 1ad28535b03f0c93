"""The tamper-evident trail: what happened, who did it, and that nobody changed the account of it."""

from modules.audit import errors, events, types
from modules.audit.facade import FACADES, Trail

__all__ = ["FACADES", "Trail", "errors", "events", "types"]
