"""A worker of a later version of duebook, which knows one topic more and says so.

Run as `python -m tests.system.newer_worker`.  A real new version differs in its files; this one
changes the same two facts, the table of topics and the version of the fold, before it starts.
"""

from ledger.domain.events import EVENT_TYPES, PaymentReceived
from projections import schema

EVENT_TYPES["payment.noted"] = PaymentReceived
schema.PROJECTOR += 1

if __name__ == "__main__":
    from app.worker_process import main  # Only now: the projector must see the new version.

    main()
