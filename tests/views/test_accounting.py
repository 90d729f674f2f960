"""The books of a whole portfolio: the journal against the other views, and as a whole."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from app.sample import portfolio, write
from ledger.domain.journal import balances
from ledger.log.records import NewEvent
from projections.journal import JOURNAL
from tests.house import House
from tests.lines import drawn, good_payer, late_payer, opened, paid, reversed_

UNTIL = date(2026, 1, 31)
ACCOUNTS = 120
LATE = date(2026, 2, 20)

#: Installments of which the receivables are not what the schedule says is outstanding.
OTHER_THAN_THE_SCHEDULE = """
    SELECT FROM (
      SELECT account_id, draw_id, installment AS number, sum(amount) AS owed
      FROM journal WHERE ledger_account LIKE 'assets:receivable:%%' GROUP BY 1, 2, 3
    ) AS posted
    FULL JOIN repayment_schedule USING (account_id, draw_id, number)
    WHERE coalesce(owed, 0) <> coalesce(outstanding, 0)
"""

#: Draws of which the receivables of late and overdue installments are not what the view says.
OTHER_THAN_OVERDUE = """
    SELECT FROM overdue
    LEFT JOIN LATERAL (
      SELECT
        sum(amount) AS owed,
        sum(amount) FILTER (WHERE status IN ('late', 'overdue')) AS late,
        sum(amount) FILTER (WHERE status = 'overdue') AS over,
        sum(amount) FILTER (WHERE status = 'overdue' AND kind = 'penalty') AS penalty,
        sum(amount) FILTER (WHERE status = 'overdue' AND kind = 'fee') AS fee,
        sum(amount) FILTER (WHERE status = 'overdue' AND kind = 'interest') AS interest,
        sum(amount) FILTER (WHERE status = 'overdue' AND kind = 'principal') AS principal
      FROM (
        SELECT amount, split_part(ledger_account, ':', 3) AS kind, status
        FROM journal JOIN repayment_schedule
          ON repayment_schedule.account_id = journal.account_id
          AND repayment_schedule.draw_id = journal.draw_id AND number = installment
        WHERE ledger_account LIKE 'assets:receivable:%%'
          AND journal.account_id = overdue.account_id AND journal.draw_id = overdue.draw_id
      ) AS receivables
    ) AS posted ON true
    WHERE (
      coalesce(owed, 0), coalesce(late, 0), coalesce(over, 0), coalesce(penalty, 0),
      coalesce(fee, 0), coalesce(interest, 0), coalesce(principal, 0)
    ) IS DISTINCT FROM (
      outstanding_total, late_total, overdue_total, overdue_penalty,
      overdue_fee, overdue_interest, overdue_principal
    )
"""


@pytest.fixture
def sample(house: House) -> House:
    """A small sample portfolio, projected."""
    bodies = portfolio(Random(1), 1, ACCOUNTS, UNTIL)
    write(house.books, bodies, with_recorded_times=True, progress=lambda _: None)
    house.follow(UNTIL)
    return house


def test_receivables_are_what_the_schedule_and_the_overdue_view_say(sample: House) -> None:
    assert sample.execute("SELECT FROM overdue WHERE status = 'overdue'") > 20
    assert sample.execute(OTHER_THAN_THE_SCHEDULE) == 0
    assert sample.execute(OTHER_THAN_OVERDUE) == 0
    sample.execute("UPDATE journal SET amount = amount + 1 WHERE kind = 'payment'")
    assert sample.execute(OTHER_THAN_THE_SCHEDULE) > 20
    assert sample.execute(OTHER_THAN_OVERDUE) > 20


def test_every_entry_of_the_portfolio_sums_to_zero(sample: House) -> None:
    unbalanced = "SELECT FROM journal GROUP BY account_id, entry, currency HAVING sum(amount) <> 0"
    assert sample.execute(unbalanced) == 0
    assert sample.execute("SELECT DISTINCT kind FROM journal") == 8


def test_the_trial_balance_is_the_sum_of_all_accounts(sample: House) -> None:
    found = sample.reader.trial_balance(UNTIL)
    assert found.keys() == {"CNY", "USD", "JPY"}
    assert all(sum(of_currency.values()) == 0 for of_currency in found.values())
    summed: dict[str, dict[str, int]] = {code: {} for code in found}
    for shard in range(sample.log.shards):
        for account_id in sample.reader.account_ids(shard):
            outcome = sample.reader.outcome(account_id, UNTIL)
            of_currency = summed[outcome.state.currency]
            for name, amount in balances(outcome.journal.entries).items():
                of_currency[name] = of_currency.get(name, 0) + amount
    assert found == {
        code: {name: amount for name, amount in of_currency.items() if amount}
        for code, of_currency in summed.items()
    }


def test_the_trial_balance_of_an_earlier_day_holds_what_was_posted_by_then(house: House) -> None:
    house.record(*good_payer("A-1"))
    house.follow(LATE)
    assert house.reader.trial_balance(date(2026, 2, 4)) == {
        "CNY": {"assets:cash": -300_00, "assets:receivable:principal": 300_00}
    }
    assert house.reader.trial_balance(LATE) == {
        "CNY": {"assets:cash": -200_00, "assets:receivable:principal": 200_00}
    }


def test_rows_that_may_not_be_trusted_are_replayed_where_all_are_read(house: House) -> None:
    house.record(*(line for n in range(12) for line in good_payer(f"A-{n:02}")))
    house.follow(LATE)
    house.execute("UPDATE journal SET amount = 0 WHERE account_id = 'A-03'")
    house.record(paid("A-07", "P-2", "1.00", "2026-02-19"))
    readings = {reading.account_id: reading for reading in house.reader.read_all("journal", LATE)}
    assert len(readings) == 12
    replayed = {one.account_id for one in readings.values() if one.source == "replay"}
    assert replayed == {"A-03", "A-07"}
    for account_id, reading in readings.items():
        outcome = house.reader.outcome(account_id, LATE)
        assert list(reading.rows) == JOURNAL.ordered(JOURNAL.rows(outcome))
    assert house.reader.stale_accounts("journal", LATE) == ["A-07"]


def test_an_account_that_cannot_be_replayed_is_marked_where_all_are_read(house: House) -> None:
    house.record(*late_payer("A-1"))
    house.follow(LATE)
    house.log.append([NewEvent("A-1", "draw.teleported", LATE, "draw:T-1", b"{}")])
    [reading] = house.reader.read_all("journal", LATE)
    assert reading.source == "stale_view"
    assert reading.note.startswith("NOT CURRENT")
    assert len(reading.rows) == 4


def test_a_bounced_payment_has_two_histories(house: House) -> None:
    house.record(*good_payer("A-1"))
    before = datetime.now(UTC)
    house.record(reversed_("A-1", "P-1", "2026-02-10"))
    then = house.reader.replayed_reading("journal", "A-1", LATE, before)
    now = house.reader.replayed_reading("journal", "A-1", LATE, None)
    accounts = [{str(row["ledger_account"]) for row in one.dicts()} for one in (then, now)]
    assert ["liabilities:suspense" in named for named in accounts] == [False, True]
    was = house.reader.replayed_reading("episodes", "A-1", LATE, before)
    became = house.reader.replayed_reading("episodes", "A-1", LATE, None)
    assert (len(was.rows), len(became.rows)) == (0, 1)


def test_interest_paid_in_advance_is_earned_by_a_roll(house: House) -> None:
    terms = {"method": "equal_installment", "annual_rate": "0.12"}
    early = {"in_advance": ["penalty", "fee", "interest", "principal"]}
    house.record(opened("A-1"), drawn("A-1", **terms, allocation=early))
    house.record(paid("A-1", "P-1", "400.00", "2026-01-20"))
    house.follow(date(2026, 1, 20))
    assert house.reader.read("journal", "A-1", date(2026, 2, 4)).source == "view"
    for due_on in (date(2026, 2, 5), date(2026, 3, 5), date(2026, 4, 5)):
        assert house.reader.read("journal", "A-1", due_on).staleness == "day_not_rolled"
        assert house.roll(due_on) == 1
        assert house.reader.read("journal", "A-1", due_on).source == "view"
    assert house.roll(date(2026, 5, 5)) == 0
