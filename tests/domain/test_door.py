"""Facts as they come in: what is read, what is refused, and with which words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ledger.domain import limits
from ledger.domain.events import AccountEvent, AccountLimitChanged, AccountOpened
from ledger.domain.rejections import Code, Rejected
from ledger.domain.reversal_decisions import MoneyTakenBack
from ledger.door import as_written, line_of, parse_line, proposal_of
from tests.domain.dsl import (
    Story,
    bounced,
    day,
    drawn,
    given,
    joining,
    opened,
    paid,
    penalised,
    reinstated,
    uncharged,
    voided,
    waived,
)
from tests.domain.test_codec import EVENTS

ACCOUNT = given(opened(), drawn(900_00, over=3), paid(300_00, on="2026-02-01"))
PAYMENT = {
    "account": "A-1", "topic": "payment.received", "effective_on": "2026-03-02",
    "payment_id": "P-1", "amount": "100.00",
}  # fmt: skip
DRAW = {
    "account": "A-1", "topic": "draw.made", "effective_on": "2026-01-01", "draw_id": "D-2",
    "amount": "90",
}  # fmt: skip
TERMS = {"method": "interest_free", "term_count": 3, "first_due_on": "2026-02-01"}


def proposed(body: dict[str, Any], story: Story = ACCOUNT) -> object:
    """What a line means to the account."""
    return proposal_of(parse_line(json.dumps(body).encode()), story.account)


def refusal(body: dict[str, Any], story: Story = ACCOUNT) -> tuple[Code, str | None]:
    """Why a line is refused, and which field is to blame."""
    with pytest.raises(Rejected) as caught:
        proposed(body, story)
    assert str(caught.value)
    return caught.value.rejection.code, caught.value.rejection.field


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_what_is_written_is_read_as_the_same(event: AccountEvent) -> None:
    story = Story() if isinstance(event, AccountOpened) else ACCOUNT
    assert proposed({"account": "A-1", **as_written(event, "USD")}, story) == event


def test_amounts_are_decimal_strings_in_the_currency_of_the_account() -> None:
    assert proposed(PAYMENT | {"amount": "100"}) == proposed(PAYMENT | {"amount": "100.0000"})
    yen = given(AccountOpened(effective_on=day("2026-01-01"), borrower_ref="B", currency="JPY"))
    assert getattr(proposed(PAYMENT | {"amount": "100"}, yen), "amount", None) == 100
    assert refusal(PAYMENT | {"amount": "100.5"}, yen) == (Code.AMOUNT_INVALID, "amount")


@pytest.mark.parametrize(
    "amount",
    [100, 100.0, True, None, "1e3", "NaN", "Infinity", "1,000.00", "", " 1", "+1", "1.", ".5",
     "100.001", "٣", "9" * 18, "-" + "9" * 18, "9" * 40, ["1"], {"value": "1"}],
)  # fmt: skip
def test_what_is_no_amount(amount: object) -> None:
    code, field = refusal(PAYMENT | {"amount": amount})
    # A missing amount is a missing field; anything else is judged as money.
    assert code == (Code.FIELD_INVALID if amount is None else Code.AMOUNT_INVALID)
    assert field == "amount"


def test_the_largest_amount_fits() -> None:
    assert getattr(proposed(PAYMENT | {"amount": "10000000000.00"}), "amount", 0) == (
        limits.AMOUNT_MAX
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"effective_on": "2026-02-30"}, "effective_on"),
        ({"effective_on": "01/02/2026"}, "effective_on"),
        ({"effective_on": 20260201}, "effective_on"),
        ({"effective_on": None}, "effective_on"),
        ({"payment_id": 7}, "payment_id"),
        ({"intent": "gift"}, "intent"),
        ({"tip": "1.00"}, "tip"),
    ],
)
def test_a_field_that_is_not_what_it_should_be(change: dict[str, object], field: str) -> None:
    assert refusal(PAYMENT | change) == (Code.FIELD_INVALID, field)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (TERMS | {"method": "magic"}, "terms.method"),
        (TERMS | {"term_count": 3.0}, "terms.term_count"),
        (TERMS | {"term_count": True}, "terms.term_count"),
        (TERMS | {"term_count": 2**70}, "terms.term_count"),
        (TERMS | {"annual_rate": 0.12}, "terms.annual_rate"),
        (TERMS | {"anual_rate": "0.12"}, "terms.anual_rate"),
        (TERMS | {"period": {"unit": "fortnight"}}, "terms.period.unit"),
        (TERMS | {"delinquency": {"grace": 3}}, "terms.delinquency.grace"),
        (TERMS | {"rows": "none"}, "terms.rows"),
        ([], "terms"),
        (None, "terms"),
    ],
)
def test_terms_that_are_not_what_they_should_be(terms: object, field: str) -> None:
    assert refusal(DRAW | {"terms": terms}) == (Code.FIELD_INVALID, field)


def test_amounts_within_terms_are_decimal_strings_too() -> None:
    body = DRAW | {"terms": TERMS | {"delinquency": {"tolerance": 1}}}
    assert refusal(body) == (Code.AMOUNT_INVALID, "terms.delinquency.tolerance")
    rows = [{"due_on": "2026-02-01", "principal": "90"}, {"due_on": "2026-03-01", "fee": "1.001"}]
    body = DRAW | {"terms": {"method": "explicit", "rows": rows}}
    assert refusal(body) == (Code.AMOUNT_INVALID, "terms.rows.fee")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.LINE_MALFORMED),
        (b"\xff\xfe", Code.LINE_MALFORMED),
        (b'{"account": "\xe9"}', Code.LINE_MALFORMED),
        (b'{"account": "A-1", "topic": "payment.rec', Code.LINE_MALFORMED),
        (b'{"amount": NaN}', Code.LINE_MALFORMED),
        (b'{"amount": -Infinity}', Code.LINE_MALFORMED),
        (b'["payment.received"]', Code.LINE_MALFORMED),
        (b"7", Code.LINE_MALFORMED),
        (b" " * (limits.LINE_BYTES_MAX + 1), Code.LINE_MALFORMED),
        (b"{}", Code.TOPIC_UNKNOWN),
        (b'{"topic": "payment.teleported"}', Code.TOPIC_UNKNOWN),
        (b'{"topic": []}', Code.TOPIC_UNKNOWN),
        (b'{"topic": null}', Code.TOPIC_UNKNOWN),
        (b'{"topic": "payment.received"}', Code.FIELD_INVALID),
        (b'{"topic": "payment.received", "account": 7}', Code.FIELD_INVALID),
        (b'{"topic": "payment.received", "account": "A 1"}', Code.FIELD_INVALID),
        (b'{"topic": "payment.received", "account": "../etc"}', Code.FIELD_INVALID),
    ],
)
def test_a_line_that_cannot_be_read(raw: bytes, code: Code) -> None:
    with pytest.raises(Rejected) as caught:
        parse_line(raw)
    assert caught.value.rejection.code == code
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "instant", ["2026-03-02", "2026-03-02T10:00:00", "soon", 7, "0001-01-01T00:00:00+14:00"]
)
def test_a_recorded_time_is_an_instant(instant: object) -> None:
    assert refusal(PAYMENT | {"recorded_at": instant}) == (Code.FIELD_INVALID, "recorded_at")


def test_a_recorded_time_is_kept_in_utc() -> None:
    line = line_of(PAYMENT | {"recorded_at": "2026-03-02T08:00:00+08:00"})
    assert line.recorded_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert line_of(PAYMENT).recorded_at is None


def test_the_currency_may_be_named_and_must_be_that_of_the_account() -> None:
    assert proposed(PAYMENT | {"currency": "USD"}) == proposed(PAYMENT)
    assert refusal(PAYMENT | {"currency": "EUR"}) == (Code.CURRENCY_MISMATCH, "currency")


def test_nothing_can_be_said_of_an_account_that_is_not_open() -> None:
    assert refusal(PAYMENT, Story()) == (Code.ACCOUNT_UNKNOWN, "account")


def test_a_reversal_counts_from_the_day_of_its_payment_unless_it_says_when() -> None:
    body = {
        "account": "A-1", "topic": "payment.reversed", "reversal_id": "R-2026-02-01",
        "payment_id": "P-2026-02-01",
    }  # fmt: skip
    assert proposed(body) == voided("2026-02-01")
    later = {"effective_on": "2026-02-09", "reversal_id": "R-2026-02-09"}
    assert proposed(body | later) == bounced("2026-02-01", since="2026-02-09")
    assert refusal(body | {"payment_id": "P-9"}) == (Code.PAYMENT_UNKNOWN, "payment_id")


def test_a_draw_that_joins_takes_over_the_terms() -> None:
    first = drawn(900_00, over=3, draw_spread="sum_then_level")
    story = given(opened(), first)
    body = DRAW | {"effective_on": "2026-01-20", "amount": "5.00", "joins_draw_id": "D-1"}
    assert proposed(body, story) == joining(5_00, on="2026-01-20", draw="D-2", joins=first)
    assert refusal(body | {"joins_draw_id": "D-9"}, story) == (Code.DRAW_UNKNOWN, "draw_id")


def test_a_waiver_of_a_charge_needs_no_more_than_its_id() -> None:
    story = given(opened(), drawn(900_00, over=3), penalised(5_00, on="2026-01-05"))
    body = {
        "account": "A-1", "topic": "dues.waived", "effective_on": "2026-01-06",
        "waiver_id": "W-2026-01-06", "charge_id": "C-2026-01-05", "amount": "5.00",
    }  # fmt: skip
    assert proposed(body, story) == waived(5_00, on="2026-01-06", charge="C-2026-01-05")
    for wrong in ({"charge_id": "C-9"}, {"component": "fee"}):
        assert refusal(body | wrong, story) == (Code.CHARGE_UNKNOWN, "charge_id")


def test_a_waiver_is_reversed_from_its_own_day_unless_it_says_when() -> None:
    story = given(opened(), drawn(900_00, over=3), waived(5, on="2026-01-05", of="principal"))
    body = {
        "account": "A-1", "topic": "waiver.reversed", "reversal_id": "U-2026-01-05",
        "waiver_id": "W-2026-01-05",
    }  # fmt: skip
    assert proposed(body, story) == reinstated("2026-01-05")
    assert refusal(body | {"waiver_id": "W-9"}, story) == (Code.WAIVER_UNKNOWN, "waiver_id")


def test_a_charge_is_reversed_from_its_own_day_unless_it_says_when() -> None:
    story = given(opened(), drawn(900_00, over=3), penalised(5_00, on="2026-01-05"))
    body = {
        "account": "A-1", "topic": "charge.reversed", "reversal_id": "X-2026-01-05",
        "charge_id": "C-2026-01-05",
    }  # fmt: skip
    assert proposed(body, story) == uncharged("C-2026-01-05", since="2026-01-05")
    later = {"effective_on": "2026-01-09", "reversal_id": "X-2026-01-09", "amount": "1.00"}
    assert proposed(body | later, story) == uncharged("C-2026-01-05", since="2026-01-09", part=1_00)
    for wrong in ({"charge_id": "C-9"}, {"component": "fee"}):
        assert refusal(body | wrong, story) == (Code.CHARGE_UNKNOWN, "charge_id")


def test_a_reversal_of_no_payment_is_money_taken_back() -> None:
    body = {
        "account": "A-1", "topic": "payment.reversed", "effective_on": "2026-02-09",
        "reversal_id": "R-1", "amount": "12.50",
    }  # fmt: skip
    assert proposed(body) == MoneyTakenBack(
        effective_on=day("2026-02-09"), reversal_id="R-1", amount=12_50
    )
    assert refusal({**body, "amount": 12.5}) == (Code.AMOUNT_INVALID, "amount")


def test_a_limit_is_lifted_by_saying_so() -> None:
    body = {
        "account": "A-1", "topic": "account.limit_changed", "effective_on": "2026-01-02",
        "change_id": "L-1",
    }  # fmt: skip
    assert refusal(body) == (Code.FIELD_INVALID, "credit_limit")
    assert proposed(body | {"credit_limit": None}) == AccountLimitChanged(
        effective_on=day("2026-01-02"), change_id="L-1", credit_limit=None
    )
