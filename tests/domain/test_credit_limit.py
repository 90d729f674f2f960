"""The credit limit: what may be drawn beside what is still owed."""

from ledger.domain.events import AccountLimitChanged
from ledger.domain.rejections import Code
from tests.domain.dsl import day, drawn, given, opened, paid, recorded

LOAN = (opened(limit=1000_00), drawn(300_00))
PAID = paid(300_00, on="2026-02-01")


def test_the_limit_counts_principal_still_owed() -> None:
    again = drawn(1000_00, draw="D-2", on="2026-02-02", first_due_on=day("2026-03-01"))
    given(*LOAN, PAID).when(again).then(again)
    given(*LOAN).when(again).then(Code.LIMIT_EXCEEDED)


def test_a_back_dated_draw_must_fit_beside_all_later_draws() -> None:
    later = drawn(900_00, draw="D-2", on="2026-02-05", first_due_on=day("2026-03-01"))
    story = given(opened(limit=1000_00), later, paid(900_00, on="2026-03-01"))
    wish = recorded("2026-03-02", drawn(200_00, draw="D-3", on="2026-01-20"))
    # Recorded last, but an earlier day: what was recorded last says nothing of the peak.
    story.when(recorded("2026-03-02", paid(1, on="2026-01-05")))
    story.when(wish).then(Code.LIMIT_EXCEEDED)


def test_a_limit_that_was_lifted_is_none() -> None:
    lifted = AccountLimitChanged(effective_on=day("2026-01-02"), change_id="L-1", credit_limit=None)
    wish = drawn(9000_00, draw="D-2")
    given(*LOAN, lifted).when(wish).then(wish)
