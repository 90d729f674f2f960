"""Say why an overdue state is not shown: one cause out of a closed list, with its evidence.

`verdict` holds the list of causes and what a diagnosis is, `case` gathers everything known of an
account at one moment, `causes` has one check for each cause, and `diagnose` walks them in order.
"""

from projections.diagnosis.diagnose import InstantInFuture, diagnose
from projections.diagnosis.verdict import Cause, Diagnosis, Evidence, Finding

__all__ = ["Cause", "Diagnosis", "Evidence", "Finding", "InstantInFuture", "diagnose"]
