"""Answers in English."""

from datetime import date

from app.answers.phrases import Phrase, Phrases

_MONTHS = (
    "January February March April May June July August September October November December"
).split()

_FIXING = (
    "This was a fault on our side, and it is being put right. You need not do anything about the"
    " page; what you owe is what is written here."
)
_NOTHING = "You need not do anything now."
_BY_HAND = (
    "A member of our staff is looking at your account and will write to you. Until then you need"
    " not do anything."
)


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _amount(text: str, currency: str) -> str:
    whole, _, cents = text.partition(".")
    grouped = f"{int(whole):,}"
    return f"{currency} {grouped}.{cents}" if cents else f"{currency} {grouped}"


ENGLISH = Phrases(
    day=_day,
    amount=_amount,
    heading="About your account {account}, as of {day}:",
    causes={
        "ledger_tampered": Phrase(
            "Our records of your account do not agree with each other, so we will not give you any"
            " figures before we have checked them.",
            _BY_HAND,
        ),
        "not_recorded": Phrase(
            "No loan is recorded on your account.",
            "If you expected one, write to us with its date and its amount.",
        ),
        "not_recorded.account": Phrase(
            "We have no records of this account.",
            "Please check the number of the account and write to us again.",
        ),
        "not_overdue.paid": Phrase(
            "Everything that has fallen due is paid, so your page rightly shows nothing overdue.",
            _NOTHING,
        ),
        "not_overdue.within_grace": Phrase(
            "{late} has been unpaid since {late_since}, but your days of grace last until"
            " {grace_until}. Until then it does not count as overdue.",
            "Please pay it by {grace_until}.",
        ),
        "not_overdue.below_tolerance": Phrase(
            "{late} is still unpaid. It is so little that it does not count as overdue under your"
            " contract.",
            "Please add it to your next payment.",
        ),
        "not_overdue.due_date_moved": Phrase(
            "The due date of what is unpaid was moved, as we agreed with you, and the new one has"
            " not passed.",
            "Please pay by the new date.",
        ),
        "not_overdue.restructured": Phrase(
            "We made a new payment plan for what was overdue. Nothing of the new plan is late.",
            "Please pay by the dates of the new plan.",
        ),
        "not_overdue.paused": Phrase(
            "{late} has been unpaid since {late_since}, but the days of the pause that we agreed"
            " with you do not count.",
            "Please pay it when the pause ends.",
        ),
        "not_overdue.waived": Phrase(
            "We have waived what had fallen due, in whole or in part, and nothing else is late.",
            _NOTHING,
        ),
        "not_overdue.written_off": Phrase(
            "Your page shows nothing overdue because we have written off {written_off} in our"
            " books. You still owe it.",
            "Please write to us to agree on how to pay it.",
        ),
        "not_overdue.cancelled": Phrase(
            "What had fallen due was cancelled or refunded, and nothing else is late.",
            _NOTHING,
        ),
        "not_overdue.not_due_yet": Phrase(
            "No payment of yours has passed its due date yet.",
            _NOTHING,
        ),
        "not_overdue": Phrase("Nothing is late on your account.", _NOTHING),
        "known_later": Phrase(
            "At the time you ask about we did not know of it yet: what makes the payment late was"
            " entered into our books later.",
            "If you think that the entry is wrong, write to us.",
        ),
        "not_projected": Phrase(
            "Your page did not show the latest entries of your account yet.",
            _FIXING,
        ),
        "quarantined": Phrase(
            "Our system could not process an entry of your account, so your page may show an"
            " earlier state.",
            _BY_HAND,
        ),
        "day_not_rolled": Phrase(
            "Your page still showed the state of an earlier day.",
            _FIXING,
        ),
        "drifted": Phrase(
            "Something was missing from your page, or was wrong on it.",
            _FIXING,
        ),
        "generation_not_switched": Phrase(
            "Your page was made by an older version of our program.",
            _FIXING,
        ),
        "stale_cache": Phrase(
            "Your page showed figures from some time ago.",
            _FIXING,
        ),
        "withheld_by_policy": Phrase(
            "Under the rules that apply to your account at present, your page does not show"
            " everything about late payments.",
            "What you owe does not change by that. If you have questions, write to us.",
        ),
        "not_permitted": Phrase(
            "The login that was used is not allowed to see this account.",
            "Please log in as the holder of the account.",
        ),
        "client_too_old": Phrase(
            "Your version of the app is too old to show late payments.",
            "Please update the app and open the page again.",
        ),
        "shown": Phrase(
            "Your page shows this payment as overdue.",
            "If you do not see it, open the page again. If you have paid, write to us with the date"
            " and the amount.",
        ),
        "notice_failed": Phrase(
            "Your page shows it, but our reminder did not reach you.",
            "Please check the phone number and the address that you gave us.",
        ),
        "although_paid.not_overdue": Phrase("Nothing is late on your account.", _NOTHING),
        "although_paid.not_shown_yet": Phrase(
            "Your payment is entered, but your page did not show it yet.",
            _FIXING,
        ),
        "although_paid.not_recorded": Phrase(
            "We have no entry of the payment that you mean.",
            "Please write to us with its date and its amount, and with what your bank gave you as"
            " a proof.",
        ),
        "although_paid.recorded_later": Phrase(
            "Your payment was entered later than the time you ask about. At that time we did not"
            " know of it.",
            _NOTHING,
        ),
        "although_paid.counts_later": Phrase(
            "Your payment counts from a later day than the one you ask about.",
            "If you think that it should count from an earlier day, write to us.",
        ),
        "although_paid.reversed": Phrase(
            "Your payment was taken back: the money did not stay with us.",
            "Please ask your bank why, and pay again.",
        ),
        "although_paid.refunded": Phrase(
            "What you paid was given back to you, in whole or in part.",
            "Please pay what is overdue.",
        ),
        "although_paid.other_draw": Phrase(
            "Your payment was used for another of your loans.",
            "If you meant it for this one, write to us.",
        ),
        "although_paid.charges_first": Phrase(
            "Your payment went first to charges for late payment and to fees, as your contract"
            " says, and what was left was not enough.",
            "Please pay what is overdue. If you have questions, write to us.",
        ),
        "although_paid.other_installment": Phrase(
            "Your payment was used for another instalment of the same loan.",
            "Please pay what is overdue. If you have questions, write to us.",
        ),
        "although_paid.written_off_debt": Phrase(
            "Your payment was used for a debt that we had written off in our books and that you"
            " still owed.",
            "Please pay what is overdue. If you have questions, write to us.",
        ),
        "although_paid.paid_after_due": Phrase(
            "Your payment came after the due date. What is overdue is only what was charged for"
            " the delay.",
            "Please pay it. If you paid in time, write to us with the date.",
        ),
        "although_paid.below_due": Phrase(
            "Your payment was less than what was due.",
            "Please pay the rest.",
        ),
        "although_paid.charged_besides": Phrase(
            "Your payment has paid what was due. What is overdue was charged besides.",
            "Please pay it. If you have questions, write to us.",
        ),
        "incomplete": Phrase(
            "We could not check everything that is needed for an answer.",
            _BY_HAND,
        ),
    },
    unknown=Phrase("We have looked at your account.", _BY_HAND),
    is_overdue="{overdue} has been overdue since {overdue_since}, for {days} days.",
    is_not_overdue="Nothing is overdue.",
    next_due="Your next payment is {next_due}, due on {next_due_on}.",
    no_figures="We cannot give you any figures at the moment.",
    partly_checked="Not everything could be checked yet; if that changes this answer, we will"
    " write to you.",
    separator=" ",
)
