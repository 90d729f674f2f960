"""What interest that accrues posts, as pages of the books."""

from tests.domain.accruing import PRINCIPAL_AT_ONCE, RECALCULATED
from tests.domain.dsl import day, drawn, given, opened, paid
from tests.domain.pages import journal, page

#: A tenth of a percent a day on what is really owed, due every ten days.
BY_THE_DAY = drawn(
    1000_00,
    **RECALCULATED
    | {
        "term_count": 0,
        "first_due_on": None,
        "due_dates": (day("2026-01-11"), day("2026-01-21")),
        "allocation": PRINCIPAL_AT_ONCE,
        "level_formula": "actual_periods",
    },
)


def test_interest_that_accrues_is_earned_when_it_falls_due() -> None:
    """Ten days of 1,000.00 are 10.00; two days more of all of it and eight of 502.49 are 6.02."""
    assert journal(given(opened(), BY_THE_DAY), "2026-01-13", since="2026-01-11") == page("""
        2026-01-11 due D-1:1
          liabilities:unearned:interest  D-1        10.00
          income:interest                D-1/1     -10.00
        2026-01-12 accrual D-1
          assets:receivable:interest     D-1/2       0.50
          liabilities:unearned:interest  D-1        -0.50
        2026-01-13 accrual D-1
          assets:receivable:interest     D-1/2       0.50
          liabilities:unearned:interest  D-1        -0.50
    """)


def test_principal_that_is_paid_early_stops_bearing_interest() -> None:
    """Five days on 1,000.00 and five on 600.00 are 8.00; ten on the 500.49 left then are 5.00."""
    story = given(opened(), BY_THE_DAY, paid(400_00, on="2026-01-06"))
    assert journal(story, "2026-01-06", since="2026-01-06") == page("""
        2026-01-06 payment P-2026-01-06
          assets:cash                              400.00
          assets:receivable:principal    D-1/1    -400.00
        2026-01-06 accrual D-1
          liabilities:unearned:interest  D-1         2.02
          assets:receivable:principal    D-1/1       2.00
          assets:receivable:interest     D-1/1      -2.00
          assets:receivable:interest     D-1/2      -0.02
          assets:receivable:principal    D-1/2      -2.00
    """)
