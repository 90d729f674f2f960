"""The monitor: find what is wrong before a borrower does, heal it, and prove that it is healed.

`looking` says of accounts and shards what holds for them, `passes` how far the daily pass over
everything is, `monitor` opens incidents and heals what `policy` allows, and `webhook` tells others.
"""

from workers.monitor.monitor import Monitor
from workers.monitor.passes import Pass, Passes, create, passes_of
from workers.monitor.policy import Policy, Remedy
from workers.monitor.webhook import Webhook

__all__ = [
    "Monitor", "Pass", "Passes", "Policy", "Remedy", "Webhook", "create", "passes_of",
]  # fmt: skip
