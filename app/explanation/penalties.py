"""The penalty rules of a draw in words, as its terms have them."""

from collections.abc import Iterator
from fractions import Fraction

from app.explanation.plans import Write
from ledger.domain.penalty import fee_grace_days
from ledger.domain.terms import LateFee, PenaltyInterest, Terms

_FROM = {
    "due_date": "from the due date on",
    "grace_end": "from the end of the grace on",
}
_CAP_BASES = {"draw": "the draw", "overdue": "what was overdue"}


def penalty_rules(terms: Terms, write: Write) -> Iterator[str]:
    """What it costs to be late."""
    if terms.late_fee is not None:
        yield _late_fee(terms, terms.late_fee, write)
    if terms.penalty_interest is not None:
        yield _penalty_interest(terms.penalty_interest)


def _late_fee(terms: Terms, rule: LateFee, write: Write) -> str:
    parts = [write(rule.amount)] if rule.amount else []
    if Fraction(rule.rate):
        parts.append(f"{rule.rate} × its {rule.base.replace('_', ' ')}")
    bounds = f", at least {write(rule.minimum)}" if rule.minimum else ""
    if rule.maximum is not None:
        bounds += f", at most {write(rule.maximum)}"
    when = f"{fee_grace_days(terms, rule)} days after the due date"
    return f"late fee: {' + '.join(parts) or 'none'}{bounds}, of an installment unpaid {when}"


def _penalty_interest(rule: PenaltyInterest) -> str:
    rate = rule.annual_rate or f"{rule.multiple} × the rate of the contract"
    said = (
        f"penalty interest: {rate} a year ({rule.day_count}) of overdue"
        f" {rule.base.replace('_', ' ')}, {_FROM[rule.accrues_from]}, charged every"
        f" {rule.charged_every}"
    )
    if rule.cap_base is None:
        return said
    return f"{said}, at most {rule.cap_percent} % of {_CAP_BASES[rule.cap_base]}"
