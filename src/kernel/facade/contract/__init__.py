"""What a module promises, as a document: generated from its facades, committed, and compared with what was released.

`document` writes it, `verdict` says in words what a change breaks, `samples` gives a request and a reply of every
operation, `folder` keeps them in `contracts/<module>/`.
"""

from kernel.facade.contract.document import contract_hash, contract_of

__all__ = ["contract_hash", "contract_of"]
