"""Whether the conventions that terms name fit each other: method, interest basis, grace, rates.

Like the checks of `consistency`, each yields findings, (field, sentence), and never raises.
"""

from collections.abc import Iterator
from itertools import pairwise

from ledger.domain.limits import CAP_PERCENT_MAX, CAP_PERCENT_MIN, GRACE_DAYS_MAX, RATE_MAX
from ledger.domain.money import AmountError, to_rate
from ledger.domain.terms import Method, RateWindow, Terms

Findings = Iterator[tuple[str, str]]

#: Methods in which the interest is what the days or periods cost, and a grace makes sense.
AMORTISING: tuple[Method, ...] = ("equal_installment", "equal_principal", "fixed_installment")

#: The days that a year may be taken to have.
DAYS_PER_YEAR = ("360", "364", "365", "366")

#: Fields that only `daily_simple` reads.
_OF_DAILY_SIMPLE = (
    "daily_rate", "days_per_year", "interest_rounding", "interest_total_cap_percent",
    "rate_windows", "settlement_grace_days",
)  # fmt: skip
_OF_RECALCULATION = ("prepayment", "round_each_segment")


def misfits(terms: Terms, count: int) -> Findings:
    """All findings about the conventions of terms with `count` regular due dates."""
    yield from _wrong_method(terms, count)
    yield from _wrong_basis(terms)
    yield from _wrong_period_rates(terms, count)
    yield from _wrong_grace(terms, count)
    yield from _wrong_broken_period(terms)
    yield from _wrong_daily_simple(terms)
    yield from _wrong_windows(terms.rate_windows or ())
    yield from _wrong_recalculation(terms)


def _wrong_method(terms: Terms, count: int) -> Findings:
    method = terms.method
    if method == "explicit" and not terms.rows:
        yield "rows", "method explicit takes its installments from rows, but there are none"
    if method != "explicit" and terms.rows:
        yield "rows", f"rows are given, but method is {method}; write explicit or drop rows"
    if method == "fixed_installment" and terms.installment is None:
        yield "installment", "method fixed_installment needs the installment that was agreed"
    if method not in ("equal_installment", "fixed_installment") and terms.installment is not None:
        yield (
            "installment",
            f"method {method} has no level installment to agree on; leave installment out",
        )
    if method == "bullet" and count != 1:
        yield "term_count", f"method bullet has 1 installment at the end of its term, found {count}"


def _wrong_basis(terms: Terms) -> Findings:
    """The accrual with its day count."""
    accrual, day_count = terms.interest_basis.accrual, terms.interest_basis.day_count
    if accrual == "month_prorated":
        if day_count not in (None, "30/360"):
            yield (
                "interest_basis",
                f"accrual month_prorated counts whole months, as 30/360; found {day_count}",
            )
        if terms.period.unit != "month":
            unit = terms.period.unit
            yield "interest_basis", f"accrual month_prorated needs periods of months, found {unit}s"
    elif (accrual == "daily") != (day_count is not None):
        found = f"found accrual {accrual} and day_count {day_count}"
        yield "interest_basis", f"accrual daily needs a day_count, and only daily does; {found}"
    if terms.interest_from is not None and accrual in ("period", "none"):
        yield (
            "interest_from",
            f"interest_from needs an accrual that counts days, found {accrual};"
            " a period costs the same whenever it begins",
        )


def _wrong_period_rates(terms: Terms, count: int) -> Findings:
    if terms.period_rates is None:
        return
    if terms.interest_basis.accrual in ("none", "daily_simple") or terms.method == "explicit":
        yield (
            "period_rates",
            f"period_rates are given, but method {terms.method} with accrual"
            f" {terms.interest_basis.accrual} takes none; leave them out",
        )
    if len(terms.period_rates) != count:
        found = f"found {len(terms.period_rates)} for {count}"
        yield "period_rates", f"period_rates has one rate for every due date, {found}"
    for number, text in enumerate(terms.period_rates, start=1):
        yield from _wrong_fraction(text, "period_rates", f"rate {number} of period_rates")


def _wrong_grace(terms: Terms, count: int) -> Findings:
    grace = terms.grace
    if grace is None:
        return
    if terms.method not in (*AMORTISING, "interest_only"):
        yield "grace", f"method {terms.method} has no grace; leave it out"
    if terms.method == "interest_only" and grace.principal_periods:
        yield "grace.principal_periods", "method interest_only repays at the end anyway; write 0"
    for name in ("principal_periods", "interest_payment_periods"):
        periods: int = getattr(grace, name)
        if not 0 <= periods < count:
            field = f"grace.{name}"
            yield field, f"grace of {count} installments is 0 to {count - 1}, found {periods}"


def _wrong_broken_period(terms: Terms) -> Findings:
    accrual = terms.interest_basis.accrual
    if terms.broken_period is None:
        return
    if accrual not in ("daily", "month_prorated"):
        yield (
            "broken_period",
            f"broken_period needs an accrual that counts days, found {accrual}",
        )
    if terms.period_rates is not None:
        yield "broken_period", "period_rates say what the first period costs; leave one of them out"
    if terms.method not in (*AMORTISING, "interest_only"):
        yield "broken_period", f"method {terms.method} has no broken_period; leave it out"


def _wrong_daily_simple(terms: Terms) -> Findings:
    """Fields of simple interest by the day, and only there."""
    if terms.interest_basis.accrual != "daily_simple":
        for name in _OF_DAILY_SIMPLE:
            if getattr(terms, name) is not None:
                found = f"found {terms.interest_basis.accrual}"
                yield name, f"{name} is for accrual daily_simple, {found}; leave it out"
        return
    if terms.method not in ("equal_installment", "fixed_installment"):
        yield "method", f"accrual daily_simple goes with level installments, found {terms.method}"
    if terms.daily_rate is not None:
        yield from _wrong_daily_rate(terms.daily_rate)
        if terms.annual_rate != "0":
            found = f"found {terms.daily_rate} and {terms.annual_rate}"
            yield "daily_rate", f"daily_rate stands in for annual_rate; write one of them, {found}"
    yield from _wrong_days_per_year(terms.days_per_year, "days_per_year")
    cap = terms.interest_total_cap_percent
    if cap is not None:
        yield from _wrong_cap(cap)
    days = terms.settlement_grace_days
    if days is not None and not 0 <= days <= GRACE_DAYS_MAX:
        yield "settlement_grace_days", f"grace is 0 to {GRACE_DAYS_MAX} days, found {days}"


def _wrong_daily_rate(text: str) -> Findings:
    """No day costs more than a day of the highest rate of a year."""
    try:
        rate = to_rate(text)
    except AmountError as error:
        yield "daily_rate", f"daily_rate: {error}"
        return
    if rate * 365 > RATE_MAX:
        yield (
            "daily_rate",
            f"daily_rate {text} is more than {RATE_MAX * 100} % in 365 days; it is a fraction"
            " a day: write 0.05 % as 0.0005",
        )


def _wrong_cap(percent: str) -> Findings:
    field = "interest_total_cap_percent"
    try:
        cap = to_rate(percent)
    except AmountError:
        cap = None
    if cap is None or not CAP_PERCENT_MIN <= cap <= CAP_PERCENT_MAX:
        yield (
            field,
            f"{field} is {CAP_PERCENT_MIN} to {CAP_PERCENT_MAX} % of the draw, found {percent};"
            " it is a percentage: write 100 % as 100",
        )


def _wrong_windows(windows: tuple[RateWindow, ...]) -> Findings:
    field = "rate_windows"
    for window in windows:
        span = f"{window.from_on} to {window.to_on}"
        if window.to_on < window.from_on:
            yield field, f"a window of another rate ends on or after its first day, found {span}"
        yield from _wrong_fraction(window.annual_rate, field, f"the rate from {span}")
        yield from _wrong_days_per_year(window.days_per_year, field)
    for one, other in pairwise(windows):
        if other.from_on <= one.to_on:
            found = f"found one from {other.from_on} after one to {one.to_on}"
            yield field, f"windows of other rates follow each other without overlap, {found}"


def _wrong_recalculation(terms: Terms) -> Findings:
    given = [name for name in _OF_RECALCULATION if getattr(terms, name) is not None]
    if given and terms.interest_basis.accrual not in ("daily", "month_prorated"):
        found = f"found {terms.interest_basis.accrual}"
        yield given[0], f"{given[0]} is for accrual daily or month_prorated, {found}"
    if given and terms.method != "equal_installment":
        found = f"found {terms.method}"
        yield given[0], f"{given[0]} is offered with equal installments, {found}"


def _wrong_days_per_year(days: str | None, field: str) -> Findings:
    if days not in (None, *DAYS_PER_YEAR):
        yield field, f"a year has {', '.join(DAYS_PER_YEAR)} days by convention, found {days}"


def _wrong_fraction(text: str, field: str, what: str) -> Findings:
    """A rate that is no decimal string, or too high to be meant."""
    try:
        rate = to_rate(text)
    except AmountError as error:
        yield field, f"{what}: {error}"
        return
    if rate > RATE_MAX:
        mend = "it is a fraction: write 1 % as 0.01"
        yield field, f"{what} is at most {RATE_MAX}, found {text}; {mend}"
