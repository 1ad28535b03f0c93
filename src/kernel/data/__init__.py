"""How a module remembers: one database of its own, and what every such database holds besides the module's tables.

`database` is the one door (write, read, long_read); `engine` and `faults` stand behind it. `migrate` brings a database
to today's tables. `tables` are those of the house: events leave by `outbox`, are carried by `dispatch`, and are let in
once by `inbox`; `once` answers a repeated call with its first reply; `jobs` are long work that outlives its process.
`prune` sweeps out what is done.

Only stores hold a `Tx`. What runs inside `db.write` is one transaction, alone: writers of one module never overlap, on
SQLite by BEGIN IMMEDIATE, on PostgreSQL by an advisory lock, in every process.
"""

from kernel.data.database import Database
from kernel.data.engine import Tx

__all__ = ["Database", "Tx"]
