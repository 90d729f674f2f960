"""Whether the penalty rules of terms agree with themselves and with the contract.

Like the checks of `consistency`, each yields findings, (field, sentence), and never raises.
"""

from collections.abc import Generator, Iterator
from fractions import Fraction

from ledger.domain.limits import (
    AMOUNT_MAX,
    CAP_PERCENT_MAX,
    CAP_PERCENT_MIN,
    GRACE_DAYS_MAX,
    RATE_MAX,
)
from ledger.domain.money import AmountError, to_rate
from ledger.domain.penalty import contract_rate
from ledger.domain.terms import LateFee, PenaltyInterest, Terms

Findings = Iterator[tuple[str, str]]

#: The People's Bank of China stops at 1.5; beyond ten a percentage was written.
MULTIPLE_MAX = 10


def wrong_penalties(terms: Terms) -> Findings:
    """All findings about late fee and penalty interest."""
    if terms.late_fee is not None:
        yield from _wrong_late_fee(terms.late_fee)
    if terms.penalty_interest is not None:
        yield from _wrong_penalty_rate(terms, terms.penalty_interest)
        yield from _wrong_cap(terms.penalty_interest)
        if terms.charges_known == "upfront":
            yield (
                "penalty_interest",
                "penalty interest comes with the days, but charges_known is upfront;"
                " write in_time_order",
            )


def _wrong_late_fee(rule: LateFee) -> Findings:
    """A share of the installment, an amount, or both, within its bounds."""
    amounts = {"amount": rule.amount, "minimum": rule.minimum, "maximum": rule.maximum}
    for name, figure in amounts.items():
        least = 1 if name == "maximum" else 0
        if figure is not None and not least <= figure <= AMOUNT_MAX:
            field = f"late_fee.{name}"
            yield field, f"{field} is {least} to {AMOUNT_MAX} minor units, found {figure}"
    if rule.maximum is not None and rule.maximum < max(rule.minimum, rule.amount):
        least = max(rule.minimum, rule.amount)
        found = f"found {rule.maximum}"
        yield "late_fee.maximum", f"the fee is {least} minor units at least, the maximum {found}"
    grace = rule.grace_days
    if grace is not None and not 0 <= grace <= GRACE_DAYS_MAX:
        yield "late_fee.grace_days", f"grace is 0 to {GRACE_DAYS_MAX} days, found {grace}"
    rate = yield from _rate("late_fee.rate", rule.rate)
    if rate is None:
        return
    if rate > 1:
        found = f"found {rule.rate}; it is a fraction: write 1.5 % as 0.015"
        yield "late_fee.rate", f"a late fee is at most 100 % of the installment, {found}"
    if not (rate or rule.amount or rule.minimum):
        yield "late_fee.rate", "a late fee is a rate or an amount above 0, found neither"


def _wrong_penalty_rate(terms: Terms, rule: PenaltyInterest) -> Findings:
    """A rate of its own, or a multiple of the contract's: one of the two."""
    if (rule.annual_rate is None) == (rule.multiple is None):
        found = "neither" if rule.annual_rate is None else "both"
        either = "penalty interest has an annual_rate or a multiple of the contract's"
        yield "penalty_interest.annual_rate", f"{either}, found {found}"
        return
    if rule.annual_rate is not None:
        field = "penalty_interest.annual_rate"
        rate = yield from _rate(field, rule.annual_rate)
        if rate is not None and not 0 < rate <= RATE_MAX:
            found = f"found {rule.annual_rate}; it is a fraction: write 23.4 % as 0.234"
            yield field, f"{field} is above 0 and at most {RATE_MAX * 100} % a year, {found}"
        return
    field = "penalty_interest.multiple"
    multiple = yield from _rate(field, rule.multiple or "")
    if multiple is not None and not 0 < multiple <= MULTIPLE_MAX:
        found = f"found {rule.multiple}; it is a factor: write 150 % of the rate as 1.5"
        yield field, f"{field} is above 0 and at most {MULTIPLE_MAX}, {found}"
    if _has_no_rate(terms):
        yield field, f"{field} is {rule.multiple}, but the contract's rate is 0; give annual_rate"


def _has_no_rate(terms: Terms) -> bool:
    """Whether the contract charges nothing; a rate that is wrong itself is for other checks."""
    try:
        return contract_rate(terms) == 0
    except AmountError:
        return False


def _wrong_cap(rule: PenaltyInterest) -> Findings:
    """A cap is a percentage of something."""
    if (rule.cap_percent is None) != (rule.cap_base is None):
        if rule.cap_base is None:
            asked = f"cap_percent is {rule.cap_percent}, but not of what; write draw or overdue"
            yield "penalty_interest.cap_base", asked
        else:
            asked = f"cap_base is {rule.cap_base}, but the percentage is missing"
            yield "penalty_interest.cap_percent", asked
    if rule.cap_percent is None:
        return
    field = "penalty_interest.cap_percent"
    percent = yield from _rate(field, rule.cap_percent)
    if percent is not None and not CAP_PERCENT_MIN <= percent <= CAP_PERCENT_MAX:
        yield (
            field,
            f"{field} is {CAP_PERCENT_MIN} to {CAP_PERCENT_MAX} %, found {rule.cap_percent};"
            " it is a percentage: write 36 % as 36",
        )


def _rate(field: str, text: str) -> Generator[tuple[str, str], None, Fraction | None]:
    """The rate that a field holds; None where it is no decimal, which is a finding."""
    try:
        return to_rate(text)
    except AmountError as error:
        yield field, f"{field}: {error}"
        return None
