"""Every refusal that a decision can give, each with a history that provokes it."""

from dataclasses import replace
from typing import Any

from ledger.domain import limits
from ledger.domain.decisions import Proposal
from ledger.domain.events import (
    AccountFrozen,
    DrawMade,
)
from ledger.domain.rejections import Code
from ledger.domain.terms import Row
from tests.domain.dsl import (
    Late,
    bounced,
    charged,
    closed,
    day,
    drawn,
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
from tests.domain.endings import (
    cancellation_undone,
    cancelled,
    goods_back,
    write_off_undone,
    written_off,
)

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
    (Code.INTENT_REFUSED, (*SHARED, joined()), prepaid(5_00, on="2026-01-09")),
    (Code.INTENT_REFUSED, (*SHARED, joined()), settled(900_00, on="2026-01-09")),
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
    (Code.WRITE_OFF_UNKNOWN, ANNULLED, write_off_undone("2026-03-01")),
    (Code.WRITE_OFF_UNKNOWN, GIVEN_UP, write_off_undone("2026-03-01", own_id="V-2")),
    (
        Code.WRITE_OFF_ALREADY_REVERSED,
        (*GIVEN_UP, write_off_undone("2026-03-01")),
        write_off_undone("2026-03-02"),
    ),
    (Code.REVERSAL_BEFORE_WRITE_OFF, GIVEN_UP, write_off_undone("2026-02-28")),
    (Code.CANCELLATION_UNKNOWN, GIVEN_UP, cancellation_undone("2026-03-01")),
    (
        Code.CANCELLATION_ALREADY_REVERSED,
        (*ANNULLED, cancellation_undone("2026-01-05")),
        cancellation_undone("2026-01-06"),
    ),
    (Code.REVERSAL_BEFORE_CANCELLATION, ANNULLED, cancellation_undone("2026-01-04")),
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
        restructured(on="2026-01-09", over=3, first_due="2026-02-01"),
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

#: Refusals that no decision on an account gives: of the doors, the books, the log, other streams.
ELSEWHERE = {
    Code.LINE_MALFORMED,
    Code.TOPIC_UNKNOWN,
    Code.ACCOUNT_UNREADABLE,
    Code.CURRENCY_MISMATCH,
    Code.POLICY_CONTRADICTORY,
    Code.KEY_USED_WITH_OTHER_CONTENT,
    Code.VERSION_MISMATCH,
    Code.RECORDED_TIME_REFUSED,
}
