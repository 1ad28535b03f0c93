"""A cache in two tiers: LRU in memory, SQLite below. Only what can be made again belongs here.

get: memory -> file (then into memory) -> None        put: memory and file
a kind has a time to live; the bound of both tiers together is under 20 MB; a broken file is begun anew
"""

from kernel.runtime.cache.cache import Cache, CacheFigures

__all__ = ["Cache", "CacheFigures"]
