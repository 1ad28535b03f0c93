"""Simulated homes with ground truth: what the house is measured with."""

from modules.training import errors, events, types
from modules.training.facade import FACADES, Training

__all__ = ["FACADES", "Training", "errors", "events", "types"]
