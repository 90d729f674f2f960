"""Due dates that moved to business days: whether they fit the dates that were agreed.

Which days are business days is no rule of a loan: the doors look it up (`ledger.business_days`)
and the terms carry what came out.  Here is only seen whether it can have come out so.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from ledger.domain.calendar import due_dates
from ledger.domain.limits import DAYS_TO_BUSINESS_DAY_MAX
from ledger.domain.terms import BusinessDays, Terms

_DATES = "business_days.due_dates"


def wrong_business_days(terms: Terms, drawn_on: date) -> Iterator[tuple[str, str]]:
    """Findings, (field, sentence), about the business days of terms whose dates can be counted."""
    rules = terms.business_days
    if rules is None:
        return
    accrual = terms.interest_basis.accrual
    if terms.rows:
        yield "business_days", "rows are given: write due dates that are business days"
    elif not terms.term_count and not terms.due_dates:
        yield "business_days", "the number of due dates must be agreed; write term_count"
    elif rules.period_adjustment == "adjusted" and accrual not in ("daily", "daily_simple"):
        yield (
            "business_days.period_adjustment",
            "periods are adjusted only where days are counted (accrual daily or daily_simple),"
            f" found {accrual}; write unadjusted",
        )
    else:
        yield from _wrong_dates(rules, due_dates(terms), drawn_on)


def _wrong_dates(
    rules: BusinessDays, agreed: tuple[date, ...], drawn_on: date
) -> Iterator[tuple[str, str]]:
    """Days that cannot be the agreed ones moved by the convention."""
    days = rules.due_dates
    if len(days) != len(agreed):
        yield _DATES, f"there is one for each of the {len(agreed)} due dates, found {len(days)}"
        return
    for one, other in zip(agreed, days, strict=True):
        if not _may_become(one, other, rules):
            most = f"by at most {DAYS_TO_BUSINESS_DAY_MAX} days"
            yield _DATES, f"{one} moves {rules.convention} {most}, found {other}"
    for one, other in pairwise([drawn_on, *days]):
        if other <= one:
            yield (
                _DATES,
                f"due dates rise and come after the draw, also when they moved; found {other}"
                f" after {one}",
            )


def _may_become(agreed: date, day: date, rules: BusinessDays) -> bool:
    distance = (day - agreed).days
    if abs(distance) > DAYS_TO_BUSINESS_DAY_MAX:
        return False
    return {
        "FOLLOWING": distance >= 0,
        "PRECEDING": distance <= 0,
        "MODFOLLOWING": (day.year, day.month) == (agreed.year, agreed.month),
        "NONE": distance == 0,
    }[rules.convention]
