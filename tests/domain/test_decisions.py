"""What may be recorded: every refusal a decision can give, and which wins where several apply."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain import limits
from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    AccountFrozen,
    AccountLimitChanged,
    AccountTierChanged,
    AccountUnfrozen,
    DrawMade,
)
from ledger.domain.rejections import Code
from ledger.domain.terms import Row
from tests.domain.dsl import (
    Late,
    Story,
    bounced,
    charged,
    closed,
    day,
    drawn,
    given,
    joining,
    moved,
    opened,
    paid,
    paused,
    penalised,
    prepaid,
    recorded,
    refunded,
    reinstated,
    restructured,
    settled,
    taken_back,
    uncharged,
    waived,
)
from tests.domain.endings import cancelled, goods_back, written_off

FROZEN = AccountFrozen(effective_on=day("2026-01-02"), change_id="F-1")
LOAN = (opened(limit=1000_00), drawn(300_00))
PAID = paid(300_00, on="2026-02-01")
ENDED = (*LOAN, PAID, closed("2026-02-02"))
MUCH = limits.AMOUNT_MAX + 1

OPEN_LINE = drawn(900_00, over=3, draw_spread="each_draw_level")
SHARED = (opened(), OPEN_LINE)
FLAT = drawn(300_00, method="flat", annual_rate="0.12", draw_spread="sum_then_level")
FEED = (*LOAN, charged(5_00, on="2026-01-05"))
ANNULLED = (*LOAN, cancelled(on="2026-01-05"))
GIVEN_UP = (*LOAN, written_off(on="2026-03-01"))
SPARED = (*LOAN, paused("2026-02-01", "2026-02-28"))


def joined(on: str = "2026-01-10", **changes: Any) -> DrawMade:
    """A draw that joins the open line, wrong in what is changed."""
    return replace(joining(300_00, on=on, draw="D-2", joins=OPEN_LINE), **changes)


#: A row that repays a cent less than is unpaid.
AGREED_ANEW = restructured(
    on="2026-01-09",
    over=0,
    first_due="2026-03-01",
    method="explicit",
    rows=(Row(day("2026-03-01"), 299_99),),
)

#: Each refusal with the history that provokes it, in the order of the catalogue.
REFUSALS: list[tuple[Code, tuple[Proposal | Late, ...], Proposal]] = [
    (Code.FIELD_INVALID, LOAN, replace(PAID, payment_id="P 1")),
    (Code.FIELD_INVALID, LOAN, replace(PAID, payment_id="P" * 121)),
    (Code.FIELD_INVALID, LOAN, replace(PAID, channel="\x00")),
    (Code.FIELD_INVALID, LOAN, replace(PAID, effective_on=day("1899-12-31"))),
    (Code.FIELD_INVALID, (), replace(opened(), currency="usd")),
    (Code.FIELD_INVALID, LOAN, drawn(5, draw="D-2", rows=(Row(day("2026-02-01"), 1),) * 601)),
    (Code.FIELD_INVALID, LOAN, paused("2026-02-10", "2026-02-09")),
    (Code.FIELD_INVALID, SHARED, joined(joins_draw_id="?")),
    (Code.ACCOUNT_UNKNOWN, (), PAID),
    (Code.AMOUNT_INVALID, LOAN, paid(-1, on="2026-02-01")),
    (Code.AMOUNT_INVALID, LOAN, paid(MUCH, on="2026-02-01")),
    (Code.AMOUNT_INVALID, LOAN, drawn(0, draw="D-2")),
    (Code.AMOUNT_INVALID, LOAN, penalised(0, on="2026-02-02")),
    (Code.AMOUNT_INVALID, LOAN, waived(0, on="2026-02-02")),
    (Code.AMOUNT_INVALID, (*LOAN, PAID), taken_back(0, on="2026-02-02")),
    (Code.AMOUNT_INVALID, (*LOAN, PAID), bounced("2026-02-01", since="2026-02-02", part=0)),
    (Code.ACCOUNT_CLOSED, ENDED, drawn(5_00, draw="D-2", on="2026-02-03")),
    (Code.ACCOUNT_CLOSED, ENDED, paid(5_00, on="2026-02-03")),
    (Code.ACCOUNT_FROZEN, (opened(), FROZEN), drawn(5_00, on="2026-01-03")),
    (Code.DATE_BEFORE_ACCOUNT, LOAN, paid(5_00, on="2025-12-31")),
    (Code.TERMS_CONTRADICTORY, (opened(),), drawn(5_00, first_due_on=day("2025-12-01"))),
    (Code.TERMS_CONTRADICTORY, (opened(),), drawn(5_00, method="explicit")),
    (Code.TERMS_CONTRADICTORY, SHARED, joined(terms=drawn(5).terms)),
    (Code.TERMS_CONTRADICTORY, SHARED, joined(on="2026-04-01")),
    (
        Code.TERMS_CONTRADICTORY,
        (*SHARED, joined()),
        joined(draw_id="D-3", joins_draw_id="D-2"),
    ),
    (Code.TERMS_CONTRADICTORY, LOAN, joining(5_00, on="2026-01-02", draw="D-2", joins=LOAN[1])),
    (
        Code.TERMS_CONTRADICTORY,
        (opened(), FLAT),
        joining(5_00, on="2026-01-02", draw="D-2", joins=FLAT),
    ),
    (Code.TERMS_CONTRADICTORY, (*SHARED, prepaid(5_00, on="2026-01-09")), joined()),
    (
        Code.TERMS_CONTRADICTORY,
        LOAN,
        restructured(on="2026-01-09", over=3, first_due="2026-01-09"),
    ),
    (Code.TERMS_CONTRADICTORY, LOAN, AGREED_ANEW),
    (Code.LIMIT_EXCEEDED, LOAN, drawn(700_01, draw="D-2")),
    (Code.DRAW_UNKNOWN, LOAN, paid(5_00, on="2026-01-02", toward="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, prepaid(5_00, on="2026-01-02", draw="D-9")),
    (
        Code.DRAW_UNKNOWN,
        LOAN,
        restructured(on="2026-01-02", over=3, first_due="2026-02-01", draw="D-9"),
    ),
    (Code.DRAW_UNKNOWN, LOAN, penalised(5_00, on="2026-01-02", draw="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, waived(5_00, on="2026-01-02", draw="D-9")),
    (Code.DRAW_UNKNOWN, SHARED, joined(joins_draw_id="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, moved("2026-02-01", "2026-02-09", on="2026-01-02", draw="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, paused("2026-02-01", "2026-02-09", draw="D-9")),
    (Code.DRAW_UNKNOWN, (*LOAN, PAID), refunded(5_00, on="2026-02-01", toward="D-9")),
    (Code.DRAW_UNKNOWN, (opened(), paid(5, on="2026-01-02")), refunded(5, on="2026-01-02")),
    (Code.DRAW_UNKNOWN, LOAN, written_off(on="2026-01-02", draw="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, cancelled(on="2026-01-02", draw="D-9")),
    (Code.DRAW_UNKNOWN, LOAN, goods_back(on="2026-01-02", draw="D-9")),
    (Code.DRAW_CANCELLED, ANNULLED, replace(cancelled(on="2026-01-06"), reason="again")),
    (Code.DRAW_CANCELLED, ANNULLED, written_off(on="2026-01-06")),
    (Code.DRAW_CANCELLED, ANNULLED, goods_back(on="2026-01-04")),
    (Code.DRAW_CANCELLED, ANNULLED, penalised(5_00, on="2026-01-06")),
    (
        Code.DRAW_CANCELLED,
        (*SHARED, cancelled(on="2026-01-05")),
        joined(on="2026-01-06"),
    ),
    (Code.DRAW_ALREADY_WRITTEN_OFF, GIVEN_UP, written_off(on="2026-03-02", principal=1)),
    (Code.DRAW_SHARES_SCHEDULE, (*SHARED, joined()), cancelled(on="2026-01-11")),
    (Code.DRAW_SHARES_SCHEDULE, (*SHARED, joined()), cancelled(on="2026-01-11", draw="D-2")),
    (Code.INSTALLMENT_UNKNOWN, LOAN, penalised(5_00, on="2026-01-02", installment=2)),
    (Code.INSTALLMENT_UNKNOWN, LOAN, penalised(5_00, on="2026-01-02", installment=0)),
    (Code.INSTALLMENT_UNKNOWN, LOAN, penalised(5_00, on="2026-01-02", installment=-1)),
    (Code.INSTALLMENT_UNKNOWN, LOAN, waived(5_00, on="2026-01-02", installment=2)),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        charged(1_00, on="2026-01-10", due="2026-01-09"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        paid(1_00, on="2026-01-09", toward="D-1"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        waived(1_00, on="2026-01-09", of="principal"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        moved("2026-02-01", "2026-02-09", on="2026-01-09"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        prepaid(5_00, on="2026-01-09"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        restructured(on="2026-01-09", over=3, first_due="2026-02-01"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), drawn(5_00, on="2026-01-10")),
        paused("2026-01-09", "2026-02-09", draw="D-1"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (opened(), replace(OPEN_LINE, effective_on=day("2026-01-10"))),
        joined(on="2026-01-09"),
    ),
    (
        Code.DATE_BEFORE_DRAW,
        (*SHARED, joined()),
        penalised(1, on="2026-01-09", due="2026-02-01", draw="D-2"),
    ),
    (Code.DATE_BEFORE_DRAW, (*SHARED, joined()), waived(1, on="2026-01-09", draw="D-2")),
    (
        Code.DATE_BEFORE_DRAW,
        (*SHARED, joined()),
        moved("2026-02-01", "2026-02-09", on="2026-01-09", draw="D-2"),
    ),
    (Code.DATE_BEFORE_DRAW, (*SHARED, joined()), goods_back(on="2026-01-09", draw="D-2")),
    (Code.DATE_BEFORE_DRAW, (*SHARED, joined()), written_off(on="2026-01-09", draw="D-2")),
    (Code.PAYMENT_UNKNOWN, LOAN, bounced("2026-02-01", since="2026-02-01")),
    (
        Code.PAYMENT_ALREADY_REVERSED,
        (*LOAN, PAID, bounced("2026-02-01", since="2026-02-02")),
        bounced("2026-02-01", since="2026-02-03"),
    ),
    (Code.REVERSAL_BEFORE_PAYMENT, (*LOAN, PAID), bounced("2026-02-01", since="2026-01-31")),
    (
        Code.REVERSAL_EXCEEDS_PAYMENTS,
        (*LOAN, PAID),
        bounced("2026-02-01", since="2026-02-02", part=300_01),
    ),
    (Code.REVERSAL_EXCEEDS_PAYMENTS, (*LOAN, PAID), taken_back(300_01, on="2026-02-02")),
    (Code.REVERSAL_EXCEEDS_PAYMENTS, (*LOAN, PAID), taken_back(1, on="2026-01-31")),
    (Code.INTENT_REFUSED, LOAN, replace(settled(300_00, on="2026-01-02"), draw_id=None)),
    (Code.INTENT_REFUSED, (*SHARED, joined()), prepaid(5_00, on="2026-01-20")),
    (Code.INTENT_REFUSED, (*SHARED, joined()), settled(900_00, on="2026-01-20", draw="D-2")),
    (Code.INTENT_REFUSED, (*LOAN, PAID), prepaid(5_00, on="2026-02-02", to="shorten")),
    (Code.SETTLEMENT_TOO_LOW, LOAN, settled(299_99, on="2026-01-02")),
    (
        Code.SETTLEMENT_TOO_LOW,
        (*LOAN, paid(100_00, on="2026-01-02")),
        settled(199_99, on="2026-01-05"),
    ),
    (Code.REFUND_EXCEEDS_CREDIT, LOAN, refunded(1, on="2026-01-02")),
    (
        Code.REFUND_EXCEEDS_CREDIT,
        (*LOAN, paid(300_01, on="2026-02-01")),
        refunded(2, on="2026-02-02", toward="D-1"),
    ),
    (Code.CHARGE_UNKNOWN, LOAN, waived(1, on="2026-01-05", charge="F-9")),
    (Code.CHARGE_UNKNOWN, FEED, waived(1, on="2026-01-05", of="penalty", charge="F-2026-01-05")),
    (Code.CHARGE_UNKNOWN, FEED, waived(1, on="2026-01-04", of="fee", charge="F-2026-01-05")),
    (Code.CHARGE_UNKNOWN, FEED, uncharged("F-2026-01-05", since="2026-01-05")),
    (
        Code.CHARGE_ALREADY_REVERSED,
        (*FEED, uncharged("F-2026-01-05", since="2026-01-05", of="fee")),
        uncharged("F-2026-01-05", since="2026-01-06", of="fee"),
    ),
    (
        Code.REVERSAL_BEFORE_CHARGE,
        FEED,
        uncharged("F-2026-01-05", since="2026-01-04", of="fee"),
    ),
    (
        Code.REVERSAL_EXCEEDS_CHARGE,
        FEED,
        uncharged("F-2026-01-05", since="2026-01-05", of="fee", part=100_00),
    ),
    (Code.WAIVER_UNKNOWN, LOAN, reinstated("2026-01-05")),
    (
        Code.WAIVER_ALREADY_REVERSED,
        (*FEED, waived(1, on="2026-01-05", of="fee"), reinstated("2026-01-05")),
        reinstated("2026-01-05", since="2026-01-06"),
    ),
    (
        Code.REVERSAL_BEFORE_WAIVER,
        (*FEED, waived(1, on="2026-01-05", of="fee")),
        reinstated("2026-01-05", since="2026-01-04"),
    ),
    (
        Code.WAIVER_EXCEEDS_DEBT,
        (*FEED, replace(charged(5_00, on="2026-01-06"), charge_id="F-2")),
        waived(5_01, on="2026-01-06", of="fee", charge="F-2"),
    ),
    (Code.WAIVER_EXCEEDS_DEBT, LOAN, waived(300_01, on="2026-01-02", of="principal")),
    (Code.WRITE_OFF_EXCEEDS_DEBT, LOAN, written_off(on="2026-03-01", principal=300_01)),
    (Code.WRITE_OFF_EXCEEDS_DEBT, LOAN, written_off(on="2026-03-01", principal=1, penalty=1)),
    (Code.WRITE_OFF_EXCEEDS_DEBT, LOAN, written_off(on="2026-03-01", principal=0)),
    (Code.WRITE_OFF_EXCEEDS_DEBT, (*LOAN, PAID), written_off(on="2026-03-01")),
    (Code.REFUND_EXCEEDS_DRAW, LOAN, goods_back(300_01, on="2026-01-02")),
    (
        Code.REFUND_EXCEEDS_DRAW,
        (*LOAN, goods_back(200_00, on="2026-01-05")),
        goods_back(100_01, on="2026-01-02"),
    ),
    (Code.REFUND_EXCEEDS_DRAW, (*LOAN, goods_back(on="2026-01-05")), goods_back(on="2026-01-06")),
    (Code.DUE_DATE_UNKNOWN, LOAN, moved("2026-02-02", "2026-02-09", on="2026-01-02")),
    (Code.DUE_DATE_REFUSED, LOAN, moved("2026-02-01", "2026-01-01", on="2026-01-02")),
    (Code.DUE_DATE_REFUSED, SHARED, moved("2026-03-01", "2026-02-01", on="2026-01-02")),
    (Code.DUE_DATE_REFUSED, SHARED, moved("2026-03-01", "2200-12-02", on="2026-01-02")),
    (Code.DUE_DATE_REFUSED, (*LOAN, PAID), moved("2026-02-01", "2026-02-09", on="2026-02-02")),
    (
        Code.DUE_DATE_REFUSED,
        (*SHARED, moved("2026-03-01", "2026-03-09", on="2026-01-05")),
        moved("2026-02-01", "2026-02-09", on="2026-01-04"),
    ),
    (
        Code.DUE_DATE_REFUSED,
        (*SHARED, restructured(on="2026-01-10", over=3, first_due="2026-02-01")),
        moved("2026-02-01", "2026-02-09", on="2026-01-11"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        (*SHARED, joined()),
        restructured(on="2026-01-20", over=3, first_due="2026-02-01"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        (*LOAN, restructured(on="2026-01-20", over=3, first_due="2026-02-01")),
        restructured(on="2026-01-19", over=3, first_due="2026-02-01"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        (*LOAN, PAID),
        restructured(on="2026-02-02", over=3, first_due="2026-03-01", covers="all_unpaid"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        LOAN,
        restructured(on="2026-02-02", over=3, first_due="2026-03-01"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        LOAN,
        restructured(on="2026-01-02", over=3, first_due="2026-03-01", down_payment_percent="10"),
    ),
    (
        Code.RESTRUCTURE_REFUSED,
        LOAN,
        restructured(on="2026-01-02", over=3, first_due="2026-03-01", draw_spread="sum_then_level"),
    ),
    (Code.PAUSE_OVERLAPS, SPARED, paused("2026-02-28", "2026-03-28")),
    (Code.PAUSE_OVERLAPS, SPARED, paused("2026-01-28", "2026-03-28", draw="D-1")),
    (Code.DEBT_OUTSTANDING, LOAN, closed("2026-02-02")),
    (Code.DEBT_OUTSTANDING, (*LOAN, PAID), closed("2026-01-31")),
    (
        Code.DEBT_OUTSTANDING,
        (opened(), recorded("2026-01-02", drawn(5_00, on="2026-01-20"))),
        closed("2026-01-10"),
    ),
]

#: Refusals that are not a decision's: they belong to the doors, to the books and to the log.
ELSEWHERE = {
    Code.LINE_MALFORMED,
    Code.TOPIC_UNKNOWN,
    Code.ACCOUNT_UNREADABLE,
    Code.CURRENCY_MISMATCH,
    Code.KEY_USED_WITH_OTHER_CONTENT,
    Code.VERSION_MISMATCH,
    Code.RECORDED_TIME_REFUSED,
}


@pytest.mark.parametrize(
    ("code", "history", "wish"), REFUSALS, ids=[code.value for code, _, _ in REFUSALS]
)
def test_a_refusal(code: Code, history: tuple[Proposal | Late, ...], wish: Proposal) -> None:
    story = given(*history)
    before = len(story.facts)
    story.when(wish).then(code)
    assert len(story.facts) == before, "a refused fact leaves nothing behind"


def test_the_table_is_complete_and_in_the_order_of_the_catalogue() -> None:
    shown = list(dict.fromkeys(code for code, _, _ in REFUSALS))
    assert shown == sorted(shown, key=lambda code: code.precedence)
    # A full stream takes thousands of facts to provoke: it has a test of its own below.
    assert set(shown) | ELSEWHERE | {Code.STREAM_FULL} == set(Code)


@pytest.mark.parametrize(
    ("winner", "history", "wish"),
    [
        (Code.FIELD_INVALID, (), replace(paid(-1, on="2026-02-01"), payment_id="?")),
        (Code.ACCOUNT_UNKNOWN, (), paid(-1, on="2026-02-01")),
        (Code.AMOUNT_INVALID, ENDED, paid(-1, on="2026-02-03")),
        (Code.AMOUNT_INVALID, ENDED, drawn(0, draw="D-2", on="2025-01-01")),
        (Code.ACCOUNT_CLOSED, (opened(), closed("2026-01-02"), ), drawn(5, on="2025-12-31")),
        (Code.ACCOUNT_FROZEN, (opened(), FROZEN), drawn(5, on="2025-12-31", method="flat")),
        (Code.DATE_BEFORE_ACCOUNT, LOAN, paid(5, on="2025-12-31", toward="D-9")),
        (Code.TERMS_CONTRADICTORY, LOAN, drawn(900_00, draw="D-2", method="explicit")),
        (Code.DRAW_UNKNOWN, LOAN, penalised(5, on="2026-01-02", draw="D-9", installment=9)),
        (
            Code.INSTALLMENT_UNKNOWN,
            (opened(), drawn(5_00, on="2026-01-10")),
            penalised(5, on="2026-01-09", installment=9),
        ),
    ],
)  # fmt: skip
def test_the_first_of_the_catalogue_wins(
    winner: Code, history: tuple[Proposal | Late, ...], wish: Proposal
) -> None:
    given(*history).when(wish).then(winner)


def test_nothing_to_do_is_empty() -> None:
    unfrozen = AccountUnfrozen(effective_on=day("2026-01-03"), change_id="U-1")
    given(opened()).when(unfrozen).then()
    given(opened(), FROZEN).when(replace(FROZEN, change_id="F-2")).then()
    given(opened(), FROZEN).when(unfrozen).then(unfrozen)


def test_what_is_taken_is_recorded_as_proposed() -> None:
    for wish in (
        PAID,
        penalised(5, on="2026-02-02"),
        AccountLimitChanged(effective_on=day("2026-01-02"), change_id="L-1", credit_limit=None),
        AccountTierChanged(effective_on=day("2026-01-02"), change_id="T-1", tier="gold"),
        FROZEN,
    ):
        given(*LOAN).when(wish).then(wish)


def test_a_frozen_account_takes_payments() -> None:
    given(*LOAN, FROZEN).when(PAID).then(PAID)


def test_an_installment_is_known_however_the_terms_count_them() -> None:
    dates = (day("2026-02-01"), day("2026-03-01"))
    by_dates = drawn(300_00, over=0, due_dates=dates, first_due_on=None)
    with_down_payment = drawn(300_00, over=1, down_payment_percent="10")
    for loan in (by_dates, with_down_payment):
        wish = penalised(5, on="2026-02-10", installment=2)
        given(opened(), loan).when(wish).then(wish)


def test_an_account_holds_so_many_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAWS_PER_ACCOUNT_MAX", 1)
    given(*LOAN).when(drawn(5, draw="D-2")).then(Code.STREAM_FULL)


def test_a_message_says_what_was_asked_and_what_was_found() -> None:
    def message(story: Story) -> str:
        return getattr(story.answer, "message", "")

    limit = message(given(*LOAN).when(drawn(800_00, draw="D-2")))
    assert limit == (
        "a draw of 800.00 was asked for; 300.00 of the limit 1000.00 is in use, 700.00 is free"
    )
    debt = message(given(*LOAN).when(closed("2026-02-02")))
    assert debt.startswith("300.00 is still owed on 2026-02-02")
