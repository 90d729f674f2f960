"""Each cause, injected into a ledger of many accounts, is named, alone, and its remedy heals it."""

from collections.abc import Callable
from datetime import date

import pytest
from psycopg import sql

from ledger.domain.terms import Delinquency
from projections.diagnosis import Diagnosis, diagnose
from projections.overdue import OVERDUE
from tests.house import House
from tests.lines import (
    drawn,
    ended,
    good_payer,
    late_payer,
    moved,
    opened,
    paid,
    paused,
    restructured,
    reversed_,
    waived,
)

LATE = date(2026, 2, 20)


def ask(house: House, account: str, today: date = LATE, **question: object) -> Diagnosis:
    return diagnose(house.log, account, today, **question)  # type: ignore[arg-type]  # Of tests.


@pytest.fixture
def late(house: House) -> House:
    """One account overdue and shown, one that pays well; both fresh."""
    house.record(*late_payer("A-late"), *good_payer("A-good"))
    house.follow(LATE)
    house.roll(LATE)
    return house


def test_what_is_shown_is_said_to_be_shown_with_the_arithmetic(late: House) -> None:
    diagnosis = ask(late, "A-late")
    assert (diagnosis.cause, diagnosis.is_healthy) == ("shown", True)
    assert diagnosis.finding is not None
    assert diagnosis.finding.evidence[0].sentence == (
        "draw D-1: 100.00 CNY overdue since 2026-02-05, 15 days past due, bucket M1"
    )


def test_an_account_that_was_never_recorded(late: House) -> None:
    diagnosis = ask(late, "A-nobody")
    assert diagnosis.cause == "not_recorded"
    assert diagnosis.finding is not None
    assert diagnosis.finding.sub_cause == "account"


def test_a_draw_that_was_never_recorded(late: House) -> None:
    diagnosis = ask(late, "A-late", draw_id="D-9")
    assert diagnosis.cause == "not_recorded"
    assert diagnosis.finding is not None
    assert diagnosis.finding.sub_cause == "draw"


@pytest.mark.parametrize(
    ("sub_cause", "lines"),
    [
        ("paid", good_payer("A-1")),
        ("waived", [*late_payer("A-1"), waived("A-1", "W-1", "100.00", "2026-02-10")]),
        ("not_due_yet", [opened("A-1"), drawn("A-1", first_due_on="2026-03-05")]),
        ("within_grace", [opened("A-1"), drawn("A-1", delinquency={"grace_days": 30})]),
        (
            "below_tolerance",
            [
                opened("A-1"),
                drawn("A-1", delinquency={"tolerance": "1.00"}),
                paid("A-1", "P-1", "99.50", "2026-02-05"),
            ],
        ),
        ("paused", [*late_payer("A-1"), paused("A-1", "2026-02-01", "2026-03-01")]),
        ("written_off", [*late_payer("A-1"), ended("A-1", "written_off", "2026-02-10")]),
        ("cancelled", [*late_payer("A-1"), ended("A-1", "cancelled", "2026-02-10")]),
        (
            "cancelled",
            [*late_payer("A-1"), ended("A-1", "refunded", "2026-02-10", refund_id="B-1")],
        ),
        (
            "due_date_moved",
            [*late_payer("A-1"), moved("A-1", "2026-02-05", "2026-03-01", "2026-02-10")],
        ),
        ("restructured", [*late_payer("A-1"), restructured("A-1", "2026-02-10", "2026-03-10")]),
    ],
)
def test_an_account_that_is_not_overdue(house: House, sub_cause: str, lines: list) -> None:  # type: ignore[type-arg]  # Of lines.
    house.record(*lines)
    house.follow(LATE)
    house.roll(LATE)
    diagnosis = ask(house, "A-1")
    assert diagnosis.finding is not None
    assert (diagnosis.cause, diagnosis.finding.sub_cause) == ("not_overdue", sub_cause)
    assert diagnosis.is_healthy


def test_the_arithmetic_of_a_write_off_is_shown(house: House) -> None:
    house.record(*late_payer("A-1"), ended("A-1", "written_off", "2026-02-10"))
    house.record(paid("A-1", "P-1", "40.00", "2026-02-15"))
    finding = ask(house, "A-1").finding
    assert finding is not None
    assert finding.evidence[0].sentence == (
        "draw D-1: 300.00 CNY written off - recovered 40.00 CNY = claimed 260.00 CNY, and nothing"
        " else is open"
    )


def test_what_was_cancelled_stands_in_the_arithmetic(house: House) -> None:
    house.record(*late_payer("A-1"), ended("A-1", "cancelled", "2026-02-10"))
    finding = ask(house, "A-1").finding
    assert finding is not None
    assert finding.evidence[0].sentence == (
        "installment 1 of D-1, due 2026-02-05: owed 100.00 CNY - paid 0.00 CNY - waived 0.00 CNY"
        " - cancelled 100.00 CNY = open 0.00 CNY"
    )


def test_the_arithmetic_of_grace_is_shown(house: House) -> None:
    house.record(opened("A-1"), drawn("A-1", delinquency={"grace_days": 30}))
    finding = ask(house, "A-1").finding
    assert finding is not None
    assert finding.evidence[0].sentence == (
        "draw D-1: 100.00 CNY unpaid since 2026-02-05, 15 days late; grace lasts to 2026-03-07,"
        " the tolerance is 0.00 CNY an installment"
    )
    assert Delinquency().grace_days == 0


def test_what_was_planned_anew_is_shown(house: House) -> None:
    house.record(*late_payer("A-1"), restructured("A-1", "2026-02-10", "2026-03-10"))
    finding = ask(house, "A-1").finding
    assert finding is not None
    assert finding.evidence[0].sentence == (
        "draw D-1: 100.00 CNY was past due on 2026-02-10 and is planned anew since then by"
        " restructuring N-2026-02-10; the next due date is 2026-03-10"
    )


def test_what_no_worker_has_projected(late: House) -> None:
    late.record(reversed_("A-good", "P-1", "2026-02-05"))
    diagnosis = ask(late, "A-good")
    assert (diagnosis.cause, diagnosis.noticed) == ("not_projected", ())


def test_what_waits_in_quarantine(late: House) -> None:
    late.poison("A-late")
    late.follow(LATE)
    diagnosis = ask(late, "A-late")
    assert diagnosis.cause == "quarantined"
    assert diagnosis.noticed == ()
    assert any("not_overdue could not be checked" in text for text in diagnosis.incomplete)


def test_a_view_that_is_gone_is_no_clean_answer(late: House) -> None:
    with late.pool.connection() as conn:
        conn.execute(sql.SQL("DROP TABLE {} CASCADE").format(OVERDUE.table))
    diagnosis = ask(late, "A-late")
    assert (diagnosis.cause, diagnosis.is_healthy) == ("incomplete", False)
    assert any("the view cannot be read" in text for text in diagnosis.incomplete)


def test_no_healthy_account_is_named(house: House) -> None:
    accounts = [f"A-{number}" for number in range(200)]
    makers: list[Callable[..., list]] = [late_payer, good_payer]  # type: ignore[type-arg]  # Of lines.
    house.record(*(line for n, account in enumerate(accounts) for line in makers[n % 2](account)))
    house.follow(LATE)
    house.roll(LATE)
    unhealthy = [account for account in accounts if not ask(house, account).is_healthy]
    assert unhealthy == []
