"""The REST face of `patterns`."""

from modules.patterns.routes.served import routes

__all__ = ["routes"]
