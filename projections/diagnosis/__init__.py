"""Say why an overdue state is not shown: one cause out of a closed list, with its evidence.

`verdict` holds the list of causes and what a diagnosis is, `case` gathers everything known of an
account at one moment, `causes` has one check for each cause, and `diagnose` walks them in order.
"""

from projections.diagnosis.claim import Claim, ClaimUnclear
from projections.diagnosis.diagnose import although_paid, diagnose
from projections.diagnosis.verdict import Cause, Diagnosis, Evidence, Finding, PaidCause
from projections.diagnosis.walking import InstantInFuture

__all__ = [
    "Cause", "Claim", "ClaimUnclear", "Diagnosis", "Evidence", "Finding", "InstantInFuture",
    "PaidCause", "although_paid", "diagnose",
]  # fmt: skip
