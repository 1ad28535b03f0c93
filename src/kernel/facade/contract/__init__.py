"""What a module promises, as a document: generated from its facades, committed, and compared with what was released.

`document` writes it, `verdict` says in words what a change breaks, `samples` gives a request and a reply of every
operation, `folder` keeps them in `contracts/<module>/`.
"""

from kernel.facade.contract.document import contract_hash, contract_of
from kernel.facade.contract.folder import (
    Difference,
    compare_contracts,
    events_in,
    release_contracts,
    write_contracts,
)
from kernel.facade.contract.samples import sample_of
from kernel.facade.contract.verdict import Change, verdict

__all__ = [
    "Change",
    "Difference",
    "compare_contracts",
    "contract_hash",
    "contract_of",
    "events_in",
    "release_contracts",
    "sample_of",
    "verdict",
    "write_contracts",
]
