"""A ledger that is open, as the place where faults are injected."""

from app.faults.site import Site
from app.wiring import App


def site_of(app: App) -> Site:
    """Where faults go; the cache of the display is that of Redis."""
    return Site(app.pool, app.log, app.books, app.projector, app.display, app.pages, app.today())
