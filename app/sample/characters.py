"""Who is in the sample: one function a character, the name of which stands in `borrower_ref`.

Together they show what a lender's books meet: borrowers on time, early, late and in part; payments
that bounce or are found weeks later; penalties, waivers, limits, and accounts that end.
"""

from collections.abc import Callable
from datetime import timedelta

from app.sample.life import Draw, Life, total
from ledger.domain.events import (
    AccountClosed,
    AccountFrozen,
    AccountLimitChanged,
    DuesWaived,
    FeeCharged,
    PenaltyCharged,
)
from ledger.domain.schedule import Planned
from ledger.domain.terms import Delinquency, LateFee

Character = Callable[[Life], None]


def on_time(life: Life) -> None:
    """Pays every installment on its due date."""
    for row in life.draw().due_rows:
        life.pay_row(row)


def early(life: Life) -> None:
    """Pays some days before the due date; until then the money waits as credit."""
    for row in life.draw().due_rows:
        life.pay_row(row, days=-life.lots.randint(1, 9))


def ahead(life: Life) -> None:
    """Paid three installments at once: a credit balance that pays them as they fall due."""
    draw = life.draw(due=life.lots.randint(1, 2), days_ago=10)
    life.pay(sum(map(total, draw.rows[:3])), draw.rows[0].due_on)


def slow(life: Life) -> None:
    """Pays everything, always some days late."""
    for row in life.draw(days_ago=15).due_rows:
        life.pay_row(row, days=life.lots.randint(2, 12))


def late(life: Life) -> None:
    """Has stopped paying: the last one or two installments that came due are open."""
    due = life.lots.randint(1, 6)
    _pay_all_but(life, life.draw(due=due), life.lots.randint(1, min(2, due)))


def long_overdue(life: Life) -> None:
    """Has not paid for months."""
    due = life.lots.randint(4, 12)
    _pay_all_but(life, life.draw(due=due), life.lots.randint(4, due))


def partial(life: Life) -> None:
    """Paid only a part of the last installment that came due."""
    draw = life.draw()
    _pay_all_but(life, draw, 1)
    last = draw.due_rows[-1]
    life.pay(total(last) * life.lots.randint(20, 80) // 100, last.due_on)


def reversed_(life: Life) -> None:
    """The last payment bounced some days after it had been booked."""
    draw = life.draw(days_ago=life.lots.randint(10, 26))
    _pay_all_but(life, draw, 1)
    life.bounce(life.pay_row(draw.due_rows[-1]), days_later=life.lots.randint(2, 7))


def partly_reversed(life: Life) -> None:
    """Half of the last payment was taken back by the bank."""
    draw = life.draw(days_ago=life.lots.randint(10, 26))
    _pay_all_but(life, draw, 1)
    payment = life.pay_row(draw.due_rows[-1])
    life.bounce(payment, days_later=3, amount=payment.amount // 2)


def back_dated(life: Life) -> None:
    """The last payment was made on time but found weeks later: the books once said overdue."""
    draw = life.draw(days_ago=life.lots.randint(20, 26))
    _pay_all_but(life, draw, 1)
    life.pay_row(draw.due_rows[-1], days_later=life.lots.randint(8, 18))


def penalised(life: Life) -> None:
    """Was late, and a late fee was charged for it, which is open with the installment."""
    draw = life.draw(days_ago=life.lots.randint(12, 26), late_fee=_late_fee(after_days=10))
    _pay_all_but(life, draw, 1)
    _penalise(life, draw.due_rows[-1], days=10)


def waived(life: Life) -> None:
    """Was late and penalised, then paid, and the lender gave up the late fee."""
    draw = life.draw(days_ago=life.lots.randint(12, 26), late_fee=_late_fee(after_days=5))
    _pay_all_but(life, draw, 1)
    row = draw.due_rows[-1]
    penalty = _penalise(life, row, days=5)
    life.tell(
        DuesWaived(
            effective_on=penalty.effective_on + timedelta(days=2),
            waiver_id=f"W-{penalty.charge_id}",
            draw_id=draw.draw_id,
            component="penalty",
            amount=penalty.amount,
            installment=row.number,
            reason="first late payment",
        )
    )
    life.pay_row(row, days=8)


def within_grace(life: Life) -> None:
    """The last due date has just passed, and the terms forgive five days."""
    _pay_all_but(life, life.draw(days_ago=2, delinquency=Delinquency(grace_days=5)), 1)


def below_tolerance(life: Life) -> None:
    """So little is missing from the last installment that the terms do not call it overdue."""
    draw = life.draw(delinquency=Delinquency(tolerance=100))
    _pay_all_but(life, draw, 1)
    last = draw.due_rows[-1]
    life.pay(total(last) - life.lots.randint(1, 99), last.due_on)


def several_draws(life: Life) -> None:
    """Three draws side by side; of all their installments the last one that came due is open."""
    draws = [life.draw(due=due) for due in (6, 4, 2)]
    payable = [row for draw in draws for row in draw.due_rows]
    for row in sorted(payable, key=lambda row: row.due_on)[:-1]:
        life.pay_row(row)


def limit_raised(life: Life) -> None:
    """Used up the limit, was given a higher one, and drew again."""
    first = life.draw(due=5, amount=life.unit(1000), credit_limit=life.unit(1000))
    rows = list(first.due_rows)
    raised_on = first.drawn_on + timedelta(days=40)
    life.tell(
        AccountLimitChanged(
            effective_on=raised_on,
            change_id="C-1",
            credit_limit=life.unit(3000),
            reason="paid on time",
        )
    )
    rows += life.draw(due=2, amount=life.unit(2000)).due_rows
    for row in sorted(rows, key=lambda row: row.due_on):
        life.pay_row(row)


def frozen(life: Life) -> None:
    """Long overdue, so the account was frozen: payments are taken, draws are not."""
    draw = life.draw(due=4, days_ago=9)
    _pay_all_but(life, draw, 3)
    life.tell(
        AccountFrozen(
            effective_on=draw.due_rows[2].due_on + timedelta(days=10),
            change_id="F-1",
            reason="two installments overdue",
        )
    )


def with_fee(life: Life) -> None:
    """Was charged for a paper statement, and paid it with the next installment."""
    draw = life.draw(due=3)
    fee = FeeCharged(
        effective_on=draw.drawn_on + timedelta(days=10),
        charge_id="S-1",
        draw_id=draw.draw_id,
        amount=life.unit(10),
        due_on=draw.due_rows[0].due_on,
        kind="paper_statement",
    )
    life.tell(fee)
    life.pay(total(draw.due_rows[0]) + fee.amount, draw.due_rows[0].due_on)
    for row in draw.due_rows[1:]:
        life.pay_row(row)


def closed(life: Life) -> None:
    """Paid everything back and left."""
    draw = life.draw(due=12)
    for row in draw.rows:
        life.pay_row(row)
    life.tell(
        AccountClosed(
            effective_on=draw.rows[-1].due_on + timedelta(days=1), reason="asked by the borrower"
        )
    )


def new(life: Life) -> None:
    """Has just drawn; nothing has come due."""
    life.draw(due=1, days_ago=-life.lots.randint(3, 20))


def _late_fee(*, after_days: int) -> LateFee:
    """Five per cent of the installment, incurred so many days after its due date."""
    return LateFee(
        rate="0.05",
        base="principal_and_interest",
        dated="first_overdue_day",
        grace_days=after_days - 1,
    )


def _penalise(life: Life, row: Planned, *, days: int) -> PenaltyCharged:
    """The assessor comes by on the day on which the late fee of an installment is incurred."""
    [penalty] = life.assess(row.due_on + timedelta(days=days))
    return penalty


def _pay_all_but(life: Life, draw: Draw, unpaid: int) -> None:
    for row in draw.due_rows[:-unpaid]:
        life.pay_row(row)


#: Everybody by name, in the order in which a portfolio begins.
CHARACTERS: dict[str, Character] = {
    "on-time": on_time,
    "late": late,
    "partial": partial,
    "early": early,
    "reversed": reversed_,
    "back-dated": back_dated,
    "penalised": penalised,
    "waived": waived,
    "within-grace": within_grace,
    "below-tolerance": below_tolerance,
    "several-draws": several_draws,
    "ahead": ahead,
    "slow": slow,
    "long-overdue": long_overdue,
    "partly-reversed": partly_reversed,
    "limit-raised": limit_raised,
    "frozen": frozen,
    "with-fee": with_fee,
    "closed": closed,
    "new": new,
}

#: Most borrowers pay on time: everybody once, then these, and again from the start.
ORDER = (*CHARACTERS, *("on-time",) * 14, *("early",) * 4, *("slow",) * 2)
