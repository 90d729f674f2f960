"""What every view and column that others read means: the comments in the database.

`docs/analytics.md` lists the same columns, and a test compares.
"""

#: A view or column by its name, with its meaning.
Meanings = dict[str, str]

_STANDING: Meanings = {
    "as_of": "The business date the account was last folded for; empty if it never was.",
    "changes_on": "The next date on which time alone changes the account; empty if none does.",
    "is_behind": "Whether the row is not to be taken for true today: the log has more, or a day"
    " has begun with which it changes.",
}
_ACCOUNT: Meanings = {"account_id": "The account."}
_DRAW: Meanings = {**_ACCOUNT, "draw_id": "The draw, unique within its account."}

_SCHEDULE: Meanings = {
    **_DRAW,
    "number": "The installment, numbered from 1 within its draw.",
    "due_on": "The date it is due on.",
    "penalty": "Penalty owed, in minor units of the account's currency.",
    "fee": "Fee owed, in minor units.",
    "interest": "Interest owed, in minor units.",
    "principal": "Principal owed, in minor units.",
    "paid": "What was paid of it, over all components, in minor units.",
    "waived": "What was given up of it, in minor units.",
    "written_off": "What was written off of it, in minor units.",
    "cancelled": "What a cancelled or refunded draw no longer owes of it, in minor units.",
    "outstanding": "What is open of it, in minor units.",
    "balance": "Principal of the draw that later installments still hold, in minor units.",
    "status": "settled, upcoming, due, late or overdue.",
    "days_late": "Days since the due date while it is unpaid, grace or not.",
    "settled_on": "The date on which nothing of it was open any more.",
    **_STANDING,
}

_OVERDUE: Meanings = {
    **_DRAW,
    "currency": "ISO 4217 code.",
    "status": "settled, current, within_grace, below_tolerance, paused or overdue.",
    "days_late": "Days since the due date of the oldest unpaid installment, grace or not.",
    "days_past_due": "Days that count as overdue under the terms; 0 in grace.",
    "bucket": "The class of days past due, such as M1; empty if nothing is overdue.",
    "ageing": "What is unpaid by bucket, each installment by its own days, in minor units.",
    "late_since": "The due date of the oldest unpaid installment.",
    "overdue_since": "The due date of the oldest installment that is overdue.",
    "late_total": "What is past its due date, in minor units.",
    "overdue_penalty": "Penalty overdue, in minor units.",
    "overdue_fee": "Fee overdue, in minor units.",
    "overdue_interest": "Interest overdue, in minor units.",
    "overdue_principal": "Principal overdue, in minor units.",
    "overdue_total": "All that is overdue, in minor units.",
    "outstanding_total": "All that is still owed, due or not, in minor units.",
    "next_due_on": "The next due date on which something is open.",
    "credit_balance": "Money of the account held for later dues, in minor units: the account's,"
    " repeated with each of its draws.",
    "risk_class": "normal, special_mention, substandard, doubtful or loss.",
    **_STANDING,
}

_EPISODES: Meanings = {
    **_DRAW,
    "number": "The period of being overdue, numbered from 1 within its draw.",
    "began_on": "The first day that was overdue.",
    "ended_on": "The first day that was not; empty while it goes on.",
    "due_on": "The due date that was missed.",
    "worst_days_past_due": "The most days past due in it.",
    "worst_overdue_total": "The most that was overdue in it, in minor units.",
    "currency": "ISO 4217 code.",
    **_STANDING,
}

_ACTIVITY: Meanings = {
    **_ACCOUNT,
    "number": "The movement, numbered from 1 within its account.",
    "moved_on": "The date it counts from.",
    "kind": "What it was.",
    "fact_id": "The id of the fact, such as that of the payment.",
    "currency": "ISO 4217 code.",
    "money": "Money that came in, or went out if negative, in minor units.",
    "penalty": "Penalty owed more, or less if negative, in minor units.",
    "fee": "Fee owed more or less, in minor units.",
    "interest": "Interest owed more or less, in minor units.",
    "principal": "Principal owed more or less, in minor units.",
    "outstanding": "All that is owed after it, in minor units.",
    "credit_balance": "Money held for later dues after it, in minor units.",
    **_STANDING,
}

_ACCOUNTS: Meanings = {
    **_ACCOUNT,
    "recorded_version": "How many events the log holds of it.",
    "shown_version": "How many its rows are made from; empty if it was never folded.",
    "projected_at": "When its rows were written.",
    **_STANDING,
    "is_quarantined": "Whether it cannot be folded by the code that runs.",
}

_PORTFOLIO: Meanings = {
    "day": "The business date: that of the session's `duebook.today`, or today.",
    "currency": "ISO 4217 code.",
    "product": "The method of repayment in the terms that were signed.",
    "bucket": "The class of days past due; empty for draws that are not overdue.",
    "draws": "Draws that are not settled.",
    "accounts": "Accounts that have them.",
    "outstanding_total": "All that they still owe, in minor units of the currency.",
    "overdue_total": "All that is overdue of it, in minor units.",
    "worst_days_past_due": "The most days past due among them.",
    "draws_behind": "Draws among them whose row is behind: the figures may be another.",
    "accounts_behind": "Accounts of the whole ledger whose rows are behind or missing.",
}

#: Of each view, by its name with its schema: what a row is, and what its columns are.
COMMENTS: dict[str, tuple[str, Meanings]] = {
    "analytics.accounts": ("One row an account: how far its rows can be trusted.", _ACCOUNTS),
    "analytics.schedule": ("One row an installment, as it stands.", _SCHEDULE),
    "analytics.overdue": ("One row a draw, overdue or not.", _OVERDUE),
    "analytics.episodes": ("One row a period of being overdue.", _EPISODES),
    "analytics.portfolio": (
        "The portfolio today: one row a currency, product and bucket.",
        _PORTFOLIO,
    ),
    "borrower.schedule": ("Your installments, as they stand.", _SCHEDULE),
    "borrower.overdue": ("Your draws, overdue or not.", _OVERDUE),
    "borrower.activity": ("Your movements of money, in their order.", _ACTIVITY),
    "borrower.episodes": ("Your periods of being overdue.", _EPISODES),
}
