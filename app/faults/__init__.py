"""Break things on purpose, each cause of the diagnosis in its own way, in a ledger made for it.

One way to break things: the command `duebook fault`, the drill of causes and the tests inject the
same faults.  `site` is where, `facts`, `views` and `shown` are how, `listing` keeps the list.
"""

from collections.abc import Callable, Collection, Mapping

from app.faults import facts, shown, views
from app.faults.site import FaultRefused, Injected, Look, Site
from projections.diagnosis import Cause

#: How each cause is injected.  What nothing can inject yet is not here.
INJECTIONS: Mapping[Cause, Callable[[Site, str], Injected]] = {
    Cause.LEDGER_TAMPERED: facts.ledger_tampered,
    Cause.NOT_RECORDED: facts.not_recorded,
    Cause.NOT_OVERDUE: facts.not_overdue,
    Cause.KNOWN_LATER: facts.known_later,
    Cause.NOT_PROJECTED: views.not_projected,
    Cause.QUARANTINED: views.quarantined,
    Cause.DAY_NOT_ROLLED: views.day_not_rolled,
    Cause.DRIFTED: views.drifted,
    Cause.GENERATION_NOT_SWITCHED: views.generation_not_switched,
    Cause.STALE_CACHE: shown.stale_cache,
    Cause.WITHHELD_BY_POLICY: shown.withheld_by_policy,
    Cause.NOT_PERMITTED: shown.not_permitted,
    Cause.CLIENT_TOO_OLD: shown.client_too_old,
    Cause.SHOWN: shown.shown,
}

#: Causes that come about in several ways, and the names of these.
WAYS: Mapping[Cause, tuple[Callable[[Site, str, str], Injected], Collection[str]]] = {
    Cause.LEDGER_TAMPERED: (facts.ledger_tampered, facts.FORGERIES),
    Cause.DRIFTED: (views.drifted, views.DRIFTS),
}

__all__ = ["INJECTIONS", "WAYS", "FaultRefused", "Injected", "Look", "Site"]
