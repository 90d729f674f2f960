"""A case of our own in each family of golden cases: the figures are worked out by hand, above each.

They stand beside the published ones, so that no family is judged by figures of one source alone.
Money is in US dollars and pays oldest first, penalty, fee, interest, principal, unless a case says
otherwise.
"""

from typing import Any

Case = dict[str, Any]
Rows = list[dict[str, Any]]

MONTHS = {"period": {"every": 1, "unit": "month"}}


def loan(method: str, amount: str, *events: tuple[str, str, dict[str, Any]], **terms: Any) -> Case:
    """A draw of New Year 2026, what happened to it, and no figures yet."""
    first = {"seq": 1, "type": "draw", "effective": "2026-01-01", "amount": amount}
    others = [
        {"seq": seq, "type": kind, "effective": on, **fields}
        for seq, (kind, on, fields) in enumerate(events, start=2)
    ]
    contract = {"currency": "USD", "method": method, "first_due_on": "2026-02-01"} | terms
    return {"kind": "ledger", "terms": contract, "events": [first, *others]}


def showing(case: Case, *states: dict[str, Any], kind: str | None = None) -> Case:
    """The case with what must be shown; a schedule is asked for on the day of the draw."""
    expect = [{"as_of": "2026-01-01", **state} for state in states]
    return {**case, "kind": kind or case["kind"], "expect": expect}


def rows(*figures: tuple[str, str, str], **others: list[str]) -> Rows:
    """The schedule: principal, interest and balance of each row, and what else is named."""
    return [
        {"nr": nr, "principal": principal, "interest": interest, "balance": balance}
        | {name: column[nr - 1] for name, column in others.items()}
        for nr, (principal, interest, balance) in enumerate(figures, start=1)
    ]


def outstanding(*amounts: str) -> Rows:
    """What each row still owes."""
    return [{"nr": nr, "outstanding": amount} for nr, amount in enumerate(amounts, start=1)]


def paid(on: str, amount: str, **fields: Any) -> tuple[str, str, dict[str, Any]]:
    """Money in."""
    return "payment", on, {"amount": amount} | fields


OWN_CASES: dict[str, Case] = {
    # 1 % a month: 1000 x 0.01 x 1.030301 / 0.030301 = 340.02; interest 10.00, then 1 % of 669.98
    # (6.6998) and of 336.66 (3.3666).
    "schedule_level": showing(
        loan("equal_installment", "1000.00", annual_rate="0.12", term_count=3),
        {
            "installment": "340.02",
            "schedule": rows(
                ("330.02", "10.00", "669.98"), ("333.32", "6.70", "336.66"),
                ("336.66", "3.37", "0.00"), due=["340.02", "340.02", "340.03"],
            ),
        },
    ),
    # 2 % a month of 1000.00, of 666.67 (13.3334) and of 333.34 (6.6668).
    "schedule_equal_principal": showing(
        loan("equal_principal", "1000.00", annual_rate="0.24", term_count=3),
        {
            "schedule": rows(
                ("333.33", "20.00", "666.67"), ("333.33", "13.33", "333.34"),
                ("333.34", "6.67", "0.00"),
            ),
        },
    ),
    # 1.5 % of 1000.00 three times: (1000 + 45) / 3 = 348.33, and the last takes 0.01 more.
    "schedule_flat": showing(
        loan("flat", "1000.00", annual_rate="0.18", term_count=3),
        {
            "installment": "348.33",
            "schedule": rows(
                ("333.33", "15.00", "666.67"), ("333.33", "15.00", "333.34"),
                ("333.34", "15.00", "0.00"),
            ),
        },
    ),
    # Interest of 12.00 alone; then 1200 x 0.01 x 1.0201 / 0.0201 = 609.01, and 1 % of 602.99.
    "schedule_grace_bullet": showing(
        loan(
            "equal_installment", "1200.00", annual_rate="0.12", term_count=3,
            grace={"principal_periods": 1},
        ),
        {
            "schedule": rows(
                ("0.00", "12.00", "1200.00"), ("597.01", "12.00", "602.99"),
                ("602.99", "6.03", "0.00"),
            ),
        },
    ),
    # 1000 / 3 to the next ten: 330 twice, and what is left.
    "schedule_interest_free": showing(
        loan("interest_free", "1000.00", term_count=3, installment_multiple="10.00"),
        {
            "schedule": rows(
                ("330.00", "0.00", "670.00"), ("330.00", "0.00", "340.00"),
                ("340.00", "0.00", "0.00"),
            ),
        },
    ),
    # 300.00 a month at 1 %: 710.00, 417.10 and 121.27 are left, so there are four of them.
    "schedule_fixed_payment": showing(
        loan("fixed_installment", "1000.00", annual_rate="0.12", installment="300.00"),
        {
            "row_count": 4,
            "schedule": rows(
                ("290.00", "10.00", "710.00"), ("292.90", "7.10", "417.10"),
                ("295.83", "4.17", "121.27"), ("121.27", "1.21", "0.00"),
                due=["300.00", "300.00", "300.00", "122.48"],
            ),
        },
    ),
    # December has 31 days of a year of 365, January and February 60 of a year of 366:
    # 0.084931506849 + 0.163934426230; and 365 of 365 days are a year.
    "day_count": {
        "kind": "day_count",
        "terms": {"day_count": "act/act"},
        "events": [],
        "expect": [
            {
                "fractions": [
                    {"from": "2027-12-01", "to": "2028-03-01", "years": "0.248865933079"},
                    {"from": "2025-01-01", "to": "2026-01-01", "years": "1"},
                ]
            }
        ],
    },
    # The last of each month, in a leap year too, and back to the 31st after it.
    "due_dates": {
        "kind": "due_dates",
        "terms": {"first_due_on": "2027-12-31", "term_count": 4, **MONTHS},
        "events": [],
        "expect": [
            {
                "due_dates": [
                    {"nr": nr, "due_on": on}
                    for nr, on in enumerate(
                        ("2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"), start=1
                    )
                ]
            }
        ],
    },
    # 550.00 after a year is worth 500.00 today at 10 %, and 605.00 after two years 500.00 as well.
    "apr": {
        "kind": "apr",
        "terms": {
            "convention": "eu_annual",
            "advances": [{"amount": "1000", "on": "2026-01-01"}],
            "payments": [
                {"amount": "550", "on": "2027-01-01"}, {"amount": "605", "on": "2028-01-01"}
            ],
        },
        "events": [],
        "expect": [{"apr_percent": "10.00"}],
    },
    # 110.00 pay the fee of 5.00 and 100.00 of the first installment, and with the 5.00 that are
    # left a part of the penalty that lies on the second.
    "allocation_oldest_first": showing(
        loan(
            "interest_free", "300.00",
            ("fee", "2026-01-10", {"amount": "5.00"}),
            ("penalty", "2026-02-10", {"amount": "7.00"}),
            paid("2026-02-15", "110.00"),
            term_count=3,
            allocation={
                "sequence": "installment",
                "in_advance": ["penalty", "fee", "interest", "principal"],
            },
        ),
        {
            "as_of": "2026-02-15",
            "schedule": outstanding("0.00", "102.00", "100.00"),
            "payments": [
                {"event": 4, "penalty": "5.00", "fee": "5.00", "principal": "100.00"}
            ],
        },
    ),
    # Both are past due: 60.00 pay both penalties before the principal of the first.
    "allocation_by_status": showing(
        loan(
            "interest_free", "300.00",
            ("penalty", "2026-02-01", {"amount": "5.00"}),
            ("penalty", "2026-03-01", {"amount": "5.00"}),
            paid("2026-03-05", "60.00"),
            term_count=3,
            allocation={"sequence": "status_component_then_installment"},
        ),
        {"as_of": "2026-03-05", "schedule": outstanding("50.00", "100.00", "100.00")},
    ),
    # 60.00 of 20 January come to light late: they wait for 1 February, and the 100.00 that came
    # then leave 60.00 over.  When those bounce, 40.00 of the installment are 9 days late.
    "backdated_and_reversal": showing(
        loan(
            "interest_free", "200.00",
            paid("2026-02-01", "100.00"),
            paid("2026-01-20", "60.00", recorded="2026-02-05"),
            ("payment_reversal", "2026-02-10", {"reverses": 2}),
            term_count=2,
        ),
        {"after_seq": 2, "as_of": "2026-02-05", "outstanding_total": "100.00", "overpaid": "0.00"},
        {"after_seq": 3, "as_of": "2026-02-05", "outstanding_total": "100.00", "overpaid": "60.00"},
        {
            "as_of": "2026-02-10",
            "outstanding_total": "140.00",
            "overpaid": "0.00",
            "delinquency": {"dpd": 9, "overdue_total": "40.00"},
        },
    ),
    # 100.00 + 10.00 + 6.00; without the penalty 110.00, and with it again when that was a mistake.
    "charges_and_waivers": showing(
        loan(
            "interest_free", "100.00",
            ("fee", "2026-01-05", {"amount": "10.00"}),
            ("penalty", "2026-01-06", {"amount": "6.00"}),
            ("waiver", "2026-01-07", {"charge": 3}),
            ("waiver_reversal", "2026-01-09", {"reverses": 4}),
            term_count=1,
        ),
        {"after_seq": 3, "as_of": "2026-01-06", "outstanding_total": "116.00"},
        {"after_seq": 4, "as_of": "2026-01-07", "outstanding_total": "110.00"},
        {"as_of": "2026-01-09", "totals": {"penalty": "6.00", "outstanding": "116.00"}},
    ),
    # 130.00 wait until 1 February, pay 100.00 then, and 30.00 go back.
    "overpayment": showing(
        loan(
            "interest_free", "100.00",
            paid("2026-01-20", "130.00"),
            ("overpayment_refund", "2026-02-02", {"amount": "30.00"}),
            term_count=1,
        ),
        {"after_seq": 2, "as_of": "2026-01-31", "status": "active", "overpaid": "130.00"},
        {"after_seq": 2, "as_of": "2026-02-01", "status": "overpaid", "overpaid": "30.00"},
        {"as_of": "2026-02-02", "status": "closed", "overpaid": "0.00"},
    ),
    # 30.00 three times, and 100.01 over the last two: 50.00 (half to even) and 50.01.
    "multi_draw": showing(
        loan(
            "interest_free", "90.00",
            ("draw", "2026-02-10", {"amount": "100.01"}),
            term_count=3,
            draw_spread="each_draw_level",
        ),
        {
            "as_of": "2026-02-15",
            "schedule": rows(
                ("30.00", "0.00", "60.00"), ("80.00", "0.00", "80.01"), ("80.01", "0.00", "0.00")
            ),
            "payoff": {"principal": "190.01", "amount": "190.01"},
        },
    ),
    # Both due dates move by 19 days: on 25 February the first is 5 days late, not 24.
    "due_date_shift": showing(
        loan(
            "interest_free", "200.00",
            ("due_date_shift", "2026-01-20", {"from_due": "2026-02-01", "to_due": "2026-02-20"}),
            term_count=2,
        ),
        {
            "as_of": "2026-02-25",
            "schedule": [{"nr": 1, "due_on": "2026-02-20"}, {"nr": 2, "due_on": "2026-03-20"}],
            "delinquency": {"dpd": 5, "overdue_total": "100.00"},
        },
    ),
    # 37 days after 1 February are 34 beyond the grace: M2.  The installments age by their own days,
    # the second by 9.
    "delinquency": showing(
        loan(
            "interest_free", "200.00", term_count=2,
            delinquency={"grace_days": 3},
        ),
        {
            "as_of": "2026-02-04",
            "delinquency": {"dpd": 3, "delinquent_since": "2026-02-04", "bucket": None},
        },
        {
            "as_of": "2026-03-10",
            "delinquency": {
                "dpd": 37,
                "delinquent_days": 34,
                "bucket": "M2",
                "overdue_total": "200.00",
                "installment_buckets": {"M1": "100.00", "M2": "100.00"},
            },
        },
    ),
    # 19 days after 1 February, of which 10 are paused: 9 count, which is in the second week.
    "delinquency_pause": showing(
        loan(
            "interest_free", "100.00",
            ("delinquency_pause", "2026-02-06", {"until": "2026-02-16"}),
            term_count=1,
            delinquency={
                "buckets": [
                    {"name": "W1", "min": 1, "max": 7}, {"name": "W2", "min": 8, "max": None}
                ]
            },
        ),
        {"as_of": "2026-02-16", "delinquency": {"dpd": 15, "delinquent_days": 5, "bucket": "W1"}},
        {"as_of": "2026-02-20", "delinquency": {"dpd": 19, "delinquent_days": 9, "bucket": "W2"}},
    ),
    # 500.00 + 10.00 were missed on 1 February: 2 % of 510.00; nothing on what is not yet due.
    "late_fee": showing(
        loan(
            "flat", "1000.00", annual_rate="0.12", term_count=2,
            late_fee={"rate": "0.02", "base": "principal_and_interest"},
        ),
        {
            "as_of": "2026-02-10",
            "schedule": [{"nr": 1, "penalty": "10.20"}, {"nr": 2, "penalty": "0.00"}],
            "totals": {"outstanding": "1030.20"},
        },
    ),
    # A thousandth a day.  After 10 days 1010 - x is left, and 20 days later x = 1.02 (1010 - x):
    # x = 1030.2 / 2.02 = 510.00.
    "daily_simple_schedule": showing(
        loan(
            "equal_installment", "1000.00", daily_rate="0.001", first_due_on=None,
            due_dates=["2026-01-11", "2026-01-31"], term_count=2,
            interest_basis={"accrual": "daily_simple"},
        ),
        {
            "installment": "510.00",
            "schedule": rows(("500.00", "10.00", "500.00"), ("500.00", "10.00", "0.00")),
        },
        kind="daily",
    ),
    # Paid five days late: 15.00 of interest, 495.00 of principal; then 0.505 a day for ten days.
    "daily_simple_interest": showing(
        loan(
            "equal_installment", "1000.00", paid("2026-01-16", "510.00"),
            daily_rate="0.001", first_due_on=None, due_dates=["2026-01-11", "2026-01-31"],
            term_count=2, interest_basis={"accrual": "daily_simple"},
        ),
        {
            "as_of": "2026-01-26",
            "ledger": [
                {
                    "on": "2026-01-16", "interest_paid": "15.00", "principal_paid": "495.00",
                    "principal_balance": "505.00",
                },
                {"on": "2026-01-26", "settlement": "510.05"},
            ],
        },
        kind="daily",
    ),
    # 15 of the 31 days of January at 12.00: 5.81.  After 12 x 1.030301 / 0.030301 = 408.03 there
    # are 803.97 left, which cost 8.0397 in February, and 14 of its 28 days 4.02.
    "interest_recalculation": showing(
        loan(
            "equal_installment", "1200.00", paid("2026-02-01", "408.03"),
            annual_rate="0.12", term_count=3, prepayment="reduce_installment",
            level_formula="period_rates",
            interest_basis={"accrual": "month_prorated", "day_count": "30/360"},
        ),
        {
            "after_seq": 1,
            "as_of": "2026-01-16",
            "payoff": {"principal": "1200.00", "interest": "5.81", "amount": "1205.81"},
        },
        {
            "as_of": "2026-02-15",
            "payoff": {"principal": "803.97", "interest": "4.02", "amount": "807.99"},
        },
        kind="recalc",
    ),
}  # fmt: skip
