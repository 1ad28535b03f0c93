"""The threads for heavy work: numbers and files, beside the event loop, never on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from kernel.runtime.settings.tree import JobSettings


def heavy_threads(settings: JobSettings) -> ThreadPoolExecutor:
    """As many threads as `jobs.threads` says; idle ones cost nothing, for they are made when first needed."""
    return ThreadPoolExecutor(settings.threads, thread_name_prefix="heavy")
