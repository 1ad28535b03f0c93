"""Staged segments: the rows of one chunk of a source, in the source's own codes, with the names that it met first."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np

from modules.patterns.internal.history.folder import write_whole
from modules.patterns.internal.history.intake import Chunk, Known
from modules.patterns.internal.history.rows import Rows


def write(path: Path, chunk: Chunk) -> None:
    """Write a chunk's segment; one of a killed run under the same number is written over."""
    buffer = io.BytesIO()
    rows = chunk.rows
    names = np.frombuffer(json.dumps([chunk.entities, chunk.states]).encode(), np.uint8)
    np.savez(buffer, times=rows.times, entities=rows.entities, states=rows.states, origins=rows.origins, names=names)
    write_whole(path, [buffer.getvalue()])


def read(path: Path) -> tuple[Rows, list[str], list[str]]:
    """The rows of a segment, and the entities and states that it met first."""
    with np.load(path) as kept:
        entities, states = json.loads(kept["names"].tobytes())
        return Rows(kept["times"], kept["entities"], kept["states"], kept["origins"]), entities, states


def known(paths: list[Path]) -> Known:
    """What the staged segments of an import have told, in their order."""
    told = Known()
    for path in paths:
        rows, entities, states = read(path)
        for entity in entities:
            told.entities.code(entity)
        for state in states:
            told.states.code(state)
        last = dict(zip(rows.entities.tolist(), rows.states.tolist(), strict=True))
        told.last_states.update(last)
    return told
