"""The house as the place where faults are injected: the same injections as those of the drill."""

from datetime import date

from app.faults import site as faults
from app.faults.site import Site
from ledger import rights
from ledger.rights import Role
from projections.display import Cache, Display
from projections.display.receipts import Receipts
from tests.display.pages import Shelf
from tests.house import House


def site_over(house: House, today: date, shelf: Shelf) -> Site:
    """What a ledger for drills has, and a display whose cache is a shelf."""
    assert isinstance(house.pool.conninfo, str)
    with rights.connect(house.pool.conninfo, Role.OWNER) as conn:
        faults.create(conn)
    display = Display(house.log, house.reader, Cache(shelf))
    return Site(house.pool, house.log, house.books, house.projector, display, shelf, today)


def receipts_of(site: Site) -> Receipts:
    """What was shown, by the clock of the ledger."""
    return Receipts(site.pool, site.log, site.log.now)
