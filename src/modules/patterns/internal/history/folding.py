"""Making new rows part of the months' files: read a month, put the new rows in, write it anew, name it in the manifest.

Only the months that new rows touch are rewritten. All of it happens under `Folder.writing`; the manifest's rows and the
removal of the tail's rows are one transaction, so a reader sees either none of it or all of it. Once that transaction
was asked for nobody removes the written files: it may commit although the caller was cancelled or lost the connection.
What it leaves if it does not commit is swept up at the next start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kernel.data import Tx
from kernel.errors import Conflict
from modules.patterns.internal.history import store
from modules.patterns.internal.history.columns import layout
from modules.patterns.internal.history.folder import Folder, write_whole
from modules.patterns.internal.history.library import read_partition
from modules.patterns.internal.history.rows import Rows, combine, no_rows
from modules.patterns.internal.history.store import Manifest, Partition


@dataclass(frozen=True)
class Folded:
    """A month written anew. `after` is `before` if nothing had to change. `added`: of the fresh rows."""

    month: int
    before: Partition | None
    after: Partition | None
    added: int

    @property
    def written(self) -> tuple[str, ...]:
        """The file that was written, if one was."""
        return () if self.after is None or self.after == self.before else (self.after.file,)


def fold_month(folder: Folder, seen: Manifest, month: int, fresh: Rows) -> Folded:
    """Write the month's next file: what is filed, the tail's rows, the fresh rows. Not visible yet."""
    before = next((part for part in seen.partitions if part.month == month), None)
    live = seen.tail.within_month(month)
    if not len(live) and not len(fresh):
        return Folded(month, before, before, 0)
    filed = no_rows() if before is None else read_partition(folder, before)
    together = combine([filed, live, fresh])
    known = combine([filed, live]) if len(live) else None
    already = len(filed) if known is None else len(known.rows)
    added = len(together.rows) - already
    if not len(live) and not added and np.array_equal(together.rows.origins, filed.origins):
        return Folded(month, before, before, 0)
    name = folder.new_month_name(month)
    write_whole(folder.month_file(name), layout(together.rows, month))
    after = Partition(month, name, len(together.rows))
    return Folded(month, before, after, added)


def show(tx: Tx, folded: Iterable[Folded], tail_end: int) -> None:
    """Make the written months visible instead of what was. Raises Conflict if another process has replaced one."""
    for month in folded:
        if month.after is None:
            continue
        if month.after != month.before and not store.replace_partition(tx, month.before, month.after):
            raise Conflict(what="another process has rewritten the same month of the history")
        store.remove_from_tail(tx, month.month, tail_end)
    store.changed(tx)
