"""Figures of the kinds that are asked of terms alone: apr, day_count, due_dates."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast, get_args

import orjson
from pydantic import ValidationError

from app.simulation.cases import Case, CaseError, Expectation
from ledger.annual_rate import Flow, NoAnnualRate, appendix_j, effective, nominal
from ledger.codec import adapter_of
from ledger.domain.calendar import due_dates, year_fraction, years_of_directive
from ledger.domain.consistency import inconsistencies
from ledger.domain.limits import INSTALLMENTS_MAX
from ledger.domain.terms import DayCount, Terms

Figures = dict[str, Any]

#: Decimals in which figures are found, unless the case says otherwise.
FRACTION_DECIMALS, RATE_DECIMALS, PERCENT_DECIMALS = 12, 6, 2

_UNITS_OF_DIRECTIVE = tuple(f"eu_2008_48:{unit}" for unit in ("year", "month", "week"))
_DAY_COUNTS = (*get_args(DayCount), *_UNITS_OF_DIRECTIVE)


def day_count_figures(case: Case, asked: Expectation) -> Figures:
    """Kind `day_count`: how long the spans that are given are, in years."""
    day_count = case.terms.get("day_count")
    fractions = []
    for span in _objects(asked.figures, "fractions"):
        start, end = _day(span, "from"), _day(span, "to")
        length = _years(day_count, start, end)
        years = _shown(Decimal(length.numerator) / length.denominator, FRACTION_DECIMALS)
        fractions.append({"from": start.isoformat(), "to": end.isoformat(), "years": years})
    return {"fractions": fractions}


def due_dates_figures(case: Case, _: Expectation) -> Figures:
    """Kind `due_dates`: the regular due dates of a schedule."""
    body = orjson.dumps({"method": "interest_free", **case.terms})
    try:
        terms: Terms = adapter_of(Terms).validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise CaseError(f"terms.{path}: {first['msg'].lower()}") from None
    drawn_on = (terms.first_due_on or date.max) - timedelta(days=1)
    for field, sentence in inconsistencies(terms, 1, drawn_on):
        raise CaseError(f"terms.{field}: {sentence}")
    days = enumerate(due_dates(terms), start=1)
    return {"due_dates": [{"nr": number, "due_on": day.isoformat()} for number, day in days]}


def apr_figures(case: Case, asked: Expectation) -> Figures:
    """Kind `apr`: the annual rate of flows by a convention."""
    convention = case.terms.get("convention")
    if not isinstance(convention, str) or convention not in _CONVENTIONS:
        known = ", ".join(_CONVENTIONS)
        raise CaseError(f"terms.convention is one of {known}, found {convention!r:.40}")
    decimals = asked.figures.get("decimals", PERCENT_DECIMALS)
    if not isinstance(decimals, int) or not 0 <= decimals <= FRACTION_DECIMALS:
        most = FRACTION_DECIMALS
        raise CaseError(f"expect: decimals is 0 to {most}, found {decimals!r:.40}")
    try:
        rate = _CONVENTIONS[convention](case.terms)
    except NoAnnualRate as error:
        raise CaseError(f"terms: {error}") from None
    return {
        "apr_percent": _shown(rate * 100, decimals),
        "rate": _shown(rate, RATE_DECIMALS),
        "decimals": decimals,
    }


def _appendix_j(terms: Mapping[str, Any]) -> Decimal:
    flows = [
        Flow(amount, _fraction(flow, "t"), _fraction(flow, "f")) for amount, flow in _flows(terms)
    ]
    return appendix_j(flows, _fraction(terms, "unit_periods_per_year"))


def _eu_annual(terms: Mapping[str, Any]) -> Decimal:
    """Years as given, or actual days over 365."""
    return _compound(terms, "act/365")


def _effective_annual(terms: Mapping[str, Any]) -> Decimal:
    return _compound(terms, terms.get("day_count"))


def _compound(terms: Mapping[str, Any], day_count: object) -> Decimal:
    flows = list(_flows(terms))
    begin = terms if "first_draw_on" in terms else {"first_draw_on": flows[0][1].get("on")}
    return effective(
        [
            Flow(
                amount,
                _fraction(flow, "years")
                if "years" in flow
                else _years(day_count, _day(begin, "first_draw_on"), _day(flow, "on")),
            )
            for amount, flow in flows
        ]
    )


def _nominal_neighbour(terms: Mapping[str, Any]) -> Decimal:
    flows = sorted((_day(flow, "on"), amount) for amount, flow in _flows(terms))
    days = [flows[0][0], *(day for day, _ in flows)]
    gaps = [_years(terms.get("day_count"), *span) for span in pairwise(days)]
    return nominal([(amount, gap) for (_, amount), gap in zip(flows, gaps, strict=True)])


_CONVENTIONS = {
    "reg_z_appendix_j": _appendix_j,
    "eu_annual": _eu_annual,
    "effective_annual": _effective_annual,
    "nominal_neighbour": _nominal_neighbour,
}


def _flows(terms: Mapping[str, Any]) -> Iterator[tuple[Fraction, dict[str, Any]]]:
    """What is lent, negative, then what is repaid; a row of equal flows one after the other."""
    for name, sign in (("advances", -1), ("payments", 1)):
        for flow in _objects(terms, name):
            count, step = _fraction(flow, "count", "1"), _fraction(flow, "step", "1")
            if count.denominator != 1 or not 1 <= count <= INSTALLMENTS_MAX:
                raise CaseError(f"terms.{name}: count is 1 to {INSTALLMENTS_MAX}, found {count}")
            for nth in range(int(count)):
                later = {"t": str(_fraction(flow, "t") + nth * step)} if "t" in flow else {}
                yield sign * _fraction(flow, "amount"), flow | later


def _years(day_count: object, start: date, end: date) -> Fraction:
    if day_count in _UNITS_OF_DIRECTIVE:
        return years_of_directive(str(day_count).partition(":")[2], start, end)
    if day_count in get_args(DayCount):
        return year_fraction(cast(DayCount, day_count), start, end)
    known = ", ".join(_DAY_COUNTS)
    raise CaseError(f"terms.day_count is one of {known}, found {day_count!r:.40}")


def _objects(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    part = body.get(name)
    if not isinstance(part, list) or not part or not all(isinstance(x, dict) for x in part):
        raise CaseError(f"{name} is a list of objects, found {part!r:.40}")
    return part


def _fraction(body: Mapping[str, Any], name: str, default: str | None = None) -> Fraction:
    text = body.get(name, default)
    try:
        value = Fraction(text) if isinstance(text, str) and len(text) <= 40 else None
    except (ValueError, ZeroDivisionError):
        value = None
    if value is None or not 0 <= value <= 10**12:
        asked = 'a decimal string or a fraction such as "4/7"'
        raise CaseError(f"{name} is {asked}, found {text!r:.40}")
    return value


def _day(body: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(body.get(name, ""))
    except (TypeError, ValueError):
        found = f"{body.get(name)!r:.40}"
        raise CaseError(f"{name} is a date such as 2026-03-31, found {found}") from None


def _shown(value: Decimal, decimals: int) -> str:
    return str(value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
