"""Why is it shown as overdue, although I paid?  Each cause is named, with the money's own trail."""

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest

from ledger.door import Line, line_of
from projections.diagnosis import Claim, ClaimUnclear, Diagnosis, PaidCause, although_paid
from tests.house import House
from tests.lines import (
    drawn,
    ended,
    good_payer,
    late_payer,
    opened,
    paid,
    penalised,
    refunded_to,
    reversed_,
)

LATE = date(2026, 2, 20)


@dataclass(frozen=True)
class Story:
    """Facts of the account A-1, the payment that is asked about, and what is to be answered."""

    lines: list[Line]
    claim: Claim
    sub_cause: str | None
    #: What must stand among the evidence.
    said: str
    as_of: date = LATE
    #: Facts that no worker has projected.
    unseen: list[Line] = field(default_factory=list)


P1 = Claim(payment_id="P-1")
TWO_DRAWS = [opened("A-1"), drawn("A-1"), drawn("A-1", "D-2")]
STORIES = {
    PaidCause.NOT_OVERDUE: Story(good_payer("A-1"), P1, "paid", "paid 100.00 CNY"),
    PaidCause.NOT_SHOWN_YET: Story(
        late_payer("A-1"), P1, "not_projected", "is not projected",
        unseen=[paid("A-1", "P-1", "100.00", "2026-02-05")],
    ),
    PaidCause.NOT_RECORDED: Story(
        [*late_payer("A-1"), paid("A-1", "P-0", "5.00", "2026-02-04")],
        Claim(amount=100_00, on=date(2026, 2, 5)), "payment", "payment:P-0) counts from 2026-02-04",
    ),
    PaidCause.COUNTS_LATER: Story(
        [*late_payer("A-1"), paid("A-1", "P-1", "100.00", "2026-02-07")],
        Claim(amount=100_00, on=date(2026, 2, 4)), None, "of 100.00 CNY counts from 2026-02-07",
        as_of=date(2026, 2, 6),
    ),
    PaidCause.REVERSED: Story(
        [*good_payer("A-1"), reversed_("A-1", "P-1", "2026-02-09")], P1, "whole",
        "takes it back from 2026-02-09",
    ),
    PaidCause.REFUNDED: Story(
        [*late_payer("A-1"), paid("A-1", "P-1", "100.00", "2026-01-10"),
         refunded_to("A-1", "G-1", "100.00", "2026-01-20")],
        P1, None, "100.00 CNY of it was given back",
    ),
    PaidCause.OTHER_DRAW: Story(
        [*TWO_DRAWS, paid("A-1", "P-1", "100.00", "2026-02-05", draw_id="D-2")], P1, None,
        "100.00 CNY of it paid principal of installment 1 of D-2",
    ),
    PaidCause.CHARGES_FIRST: Story(
        [*late_payer("A-1"), penalised("A-1", "F-1", "8.00", "2026-02-06", installment=1),
         paid("A-1", "P-1", "100.00", "2026-02-07")],
        P1, None, "8.00 CNY of it paid penalty of installment 1 of D-1",
    ),
    PaidCause.OTHER_INSTALLMENT: Story(
        good_payer("A-1"), P1, None, "100.00 CNY of it paid principal of installment 1 of D-1",
        as_of=date(2026, 3, 20),
    ),
    PaidCause.WRITTEN_OFF_DEBT: Story(
        [*TWO_DRAWS, ended("A-1", "written_off", "2026-02-06"),
         paid("A-1", "P-1", "100.00", "2026-02-07", draw_id="D-1")],
        P1, None, "100.00 CNY of it was taken for debt that was written off",
    ),
    PaidCause.PAID_AFTER_DUE: Story(
        [*late_payer("A-1"), paid("A-1", "P-1", "100.00", "2026-02-07"),
         penalised("A-1", "F-1", "8.00", "2026-02-08", installment=1)],
        P1, None, "owed 108.00 CNY - paid 100.00 CNY - waived 0.00 CNY = open 8.00 CNY",
    ),
    PaidCause.BELOW_DUE: Story(
        [*late_payer("A-1"), paid("A-1", "P-1", "60.00", "2026-02-05")], P1, None,
        "owed 100.00 CNY - paid 60.00 CNY - waived 0.00 CNY = open 40.00 CNY",
    ),
    PaidCause.CHARGED_BESIDES: Story(
        [*good_payer("A-1"), penalised("A-1", "F-1", "8.00", "2026-02-08", installment=1)], P1,
        None, "owed 108.00 CNY - paid 100.00 CNY",
    ),
}  # fmt: skip
#: These are told below: the one asks about an instant, the other needs a forger.
ELSEWHERE = {PaidCause.RECORDED_LATER, PaidCause.LEDGER_TAMPERED}


def told(house: House, story: Story) -> None:
    house.record(*story.lines)
    house.follow(story.as_of)
    house.roll(story.as_of)
    if story.unseen:
        house.record(*story.unseen)


def ask(house: House, claim: Claim, as_of: date = LATE, account: str = "A-1") -> Diagnosis:
    return although_paid(house.log, account, as_of, claim)


def test_every_cause_has_a_story() -> None:
    assert set(STORIES) | ELSEWHERE == set(PaidCause)


@pytest.mark.parametrize("cause", STORIES, ids=lambda cause: cause.value)
def test_the_cause_is_named_alone_and_its_remedy_heals(house: House, cause: PaidCause) -> None:
    story = STORIES[cause]
    told(house, story)
    diagnosis = ask(house, story.claim, story.as_of)
    finding = diagnosis.finding
    assert finding is not None
    assert (finding.cause, finding.sub_cause) == (cause, story.sub_cause)
    assert diagnosis.incomplete == ()
    assert diagnosis.noticed == ()
    assert story.said in "\n".join(one.sentence for one in finding.evidence)
    if finding.remedy:
        run(house, finding.remedy, story.as_of)
        assert ask(house, story.claim, story.as_of).cause == "not_overdue"
    else:
        assert cause in (PaidCause.NOT_OVERDUE, PaidCause.COUNTS_LATER)


def test_all_causes_at_once_are_told_apart(house: House) -> None:
    """Three accounts of each, side by side: whoever is named is named for his own cause."""
    accounts = {f"{cause.value}-{n}": cause for cause in STORIES for n in range(3)}
    for account, cause in accounts.items():
        house.record(*(replace(line, account_id=account) for line in STORIES[cause].lines))
    house.follow(LATE)
    house.roll(LATE)
    for account, cause in accounts.items():
        house.record(*(replace(line, account_id=account) for line in STORIES[cause].unseen))
    named = Counter(
        (cause.value, ask(house, STORIES[cause].claim, STORIES[cause].as_of, account).cause)
        for account, cause in accounts.items()
    )
    assert named == {(cause.value, cause.value): 3 for cause in STORIES}


def test_a_payment_that_was_recorded_after_the_instant(house: House) -> None:
    house.record(*late_payer("A-1"))
    before = datetime.now(UTC)
    house.record(paid("A-1", "P-1", "100.00", "2026-02-05"))
    diagnosis = although_paid(house.log, "A-1", LATE, P1, known_at=before)
    assert diagnosis.cause == "recorded_later"


def test_a_log_that_was_tampered_with_is_named_first(house: House) -> None:
    house.record(*good_payer("A-1"))
    with house.pool.connection() as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("DELETE FROM events WHERE key = 'payment:P-1'")
        conn.execute("SET session_replication_role = origin")
    assert ask(house, P1).cause == "ledger_tampered"


def test_an_account_that_nobody_recorded(house: House) -> None:
    diagnosis = ask(house, P1, account="A-nobody")
    assert diagnosis.finding is not None
    assert (diagnosis.cause, diagnosis.finding.sub_cause) == ("not_recorded", "account")


def test_of_two_causes_the_first_is_named_and_the_second_noticed(house: House) -> None:
    house.record(*TWO_DRAWS, penalised("A-1", "F-1", "8.00", "2026-02-06", installment=1))
    house.record(paid("A-1", "P-1", "208.00", "2026-02-07"))
    house.record(reversed_("A-1", "P-1", "2026-02-09", amount="100.00"))
    house.follow(LATE)
    diagnosis = ask(house, P1)
    assert diagnosis.cause == "reversed"
    assert diagnosis.finding is not None
    assert diagnosis.finding.sub_cause == "part"
    assert [one.cause.value for one in diagnosis.noticed] == ["other_draw"]


def test_without_a_claim_the_last_payment_is_meant(house: House) -> None:
    house.record(*good_payer("A-1"), paid("A-1", "P-2", "60.00", "2026-03-05"))
    finding = ask(house, Claim(), date(2026, 3, 20)).finding
    assert finding is not None
    assert (finding.cause, finding.remedy) == (
        PaidCause.BELOW_DUE,
        "duebook append A-1 payment.received payment_id=... amount=40.00"
        " effective_on=2026-03-20 draw_id=D-1",
    )


def test_no_healthy_account_gets_another_answer_than_that_nothing_is_overdue(house: House) -> None:
    accounts = [f"A-{number}" for number in range(20)]
    house.record(*(line for account in accounts for line in good_payer(account)))
    house.follow(LATE)
    house.roll(LATE)
    answers = [ask(house, P1, account=account) for account in accounts]
    assert {(one.cause, one.is_healthy) for one in answers} == {("not_overdue", True)}


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"payment_id": "P-1", "amount": 1, "on": LATE}, "give one of the two"),
        ({"amount": 100}, "give both"),
        ({"on": LATE}, "give both"),
        ({"amount": 0, "on": LATE}, "above zero"),
    ],
)
def test_a_claim_that_names_no_payment_is_refused(claim: dict[str, object], said: str) -> None:
    with pytest.raises(ClaimUnclear, match=said):
        Claim(**claim)  # type: ignore[arg-type]  # Of the table.


def run(house: House, remedy: str, today: date) -> None:
    """Do what the command does; what only the person knows is filled in."""
    words = shlex.split(re.sub(r"payment_id=\.\.\.", "payment_id=P-new", remedy))
    assert words[0] == "duebook"
    if words[1] == "heal":
        house.projector.heal([words[2]], today)
        return
    assert words[1] == "append"
    fields = dict(word.split("=", 1) for word in words[4:])
    if "..." in fields["payment_id"]:
        fields["payment_id"] = "P-new"
    house.record(line_of({"account": words[2], "topic": words[3], **fields}))
    house.follow(today)
