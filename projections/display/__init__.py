"""What borrowers see: one chain of small steps, each of which says what it took away and why.

`pipeline` is the chain, `shapes` what goes through it, `steps` those of policy, viewer and client.
`policies` has the rules in force, `cache` the pages that were read before, and `receipts` what was
shown to whom.
"""

from ledger.domain.disclosure import Client
from projections.display.cache import Cache, Found, Store, StoreAway
from projections.display.pipeline import Display
from projections.display.shapes import Content, Question, Shown, Step, Viewer

__all__ = [
    "Cache", "Client", "Content", "Display", "Found", "Question", "Shown", "Step", "Store",
    "StoreAway", "Viewer",
]  # fmt: skip
