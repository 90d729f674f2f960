"""Early repayment and restructuring: what they do to the lines of a draw.

How the periods to come are planned anew is worked out in `ledger.domain.replanning`; here the lines
of the books follow.  What has fallen due stays as it is.  A line never owes less than what was paid
or waived of it: what came in advance is not given back.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from ledger.domain.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    ChargeShare,
    Line,
    Share,
    shares,
)
from ledger.domain.events import DrawRestructured, PaymentReceived
from ledger.domain.replanning import (
    Course,
    Way,
    begun,
    closed,
    course_of,
    interest_due,
    lessened,
    replanned,
    settled,
    with_on_top,
)
from ledger.domain.schedule import plan
from ledger.domain.splits import Split
from ledger.domain.spreading import shared_course
from ledger.domain.state import NOTHING, Restructuring
from ledger.domain.terms import COMPONENTS, Terms

if TYPE_CHECKING:
    from ledger.domain.settlement import Settlement

#: The derivation's names for a plan that changes: by an early payment, by a new agreement, and
#: unpaid interest that becomes principal.
ReplanKind = Literal["replanned", "restructured", "capitalised"]


class Change(NamedTuple):
    """So much more, or less, is owed of a component of a line."""

    line: Line
    component: int
    amount: int


class Replans:
    """The courses of the draws whose plan has changed, and what changes them."""

    def __init__(
        self, books: "Settlement", note: Callable[..., None], pay: Callable[..., None]
    ) -> None:
        self._books = books
        self._note = note
        self._pay = pay
        self.courses: dict[str, Course] = {}
        #: First plans of which a refund has taken something off.
        self._lessened: dict[str, Course] = {}
        self.restructurings: dict[str, list[Restructuring]] = {}

    def terms_of(self, draw_id: str) -> Terms:
        """The terms that a draw is under: those it was made with, or agreed on since."""
        if (accrual := self._books.accruals.by_draw.get(draw_id)) is not None:
            return accrual.terms
        course = self.courses.get(draw_id)
        return self._books.account.draws[draw_id].terms if course is None else course.terms

    # --- early repayment -------------------------------------------------------------------------

    def repay_early(self, payment: PaymentReceived, split: Split, money: int, on: date) -> int:
        """Spread a payment that is to settle its draw or to prepay it; answer what is left of it.

        A prepayment that covers everything settles.  A settlement that falls short, because money
        that came before has been taken back since, shortens.  Of draws that share a schedule all
        are meant, whichever was named: nobody can say whose an installment is.
        """
        assert payment.draw_id is not None
        draw_id = self._books.account.schedule_of(payment.draw_id)
        if not money and payment.payment_id in self._books.account.reversed_amounts:
            return 0  # It was taken back altogether, and settles nothing out of the credit either.
        if draw_id in self._books.outcomes.ended:
            return money
        course = None
        if (accrual := self._books.accruals.by_draw.get(draw_id)) is not None:
            changes = list(map(Change._make, accrual.closing(on, is_settled=True)))
        else:
            course = settled(self._course(draw_id), on, self._first(draw_id, on))
            changes = list(self._changes(draw_id, course, on))
        needed = sum(line.open_total for line in self._books.lines_by_draw[draw_id])
        needed += sum(change.amount for change in changes)
        held = self._books.credit_balance if payment.intent == "settle" else 0
        if money + held < needed:
            way: Way = "lower" if payment.intent == "prepay_lower" else "shorten"
            return self._prepay(draw_id, split, money, on, way)
        if course is None:
            self._change(changes, payment.payment_id, "replanned", on)
        else:
            self._follow(draw_id, course, changes, payment.payment_id, "replanned", on)
        left = self._settle(split, payment.payment_id, money, on, draw_id, "paid")
        while sum(line.open_total for line in self._books.lines_by_draw[draw_id]):
            self._settle_from_credit(draw_id, on)
        return left

    def _prepay(self, draw_id: str, split: Split, money: int, on: date, way: Way) -> int:
        lines, allocation = self._books.lines_by_draw[draw_id], self.terms_of(draw_id).allocation
        due = [line for line in lines if line.due_on <= on]
        for share in shares(due, money, on, replace(allocation, in_advance=())):
            self._take(share, split, split.payment_id, on, "paid")
            money -= share.amount
        if (accrual := self._books.accruals.by_draw.get(draw_id)) is not None:
            is_lowering = way == "lower"
            for share in self._books.accruals.early(accrual, money, on, is_lowering=is_lowering):
                self._take(share, split, split.payment_id, on, "paid")
                money -= share.amount
            return money
        course, first = self._course(draw_id), self._first(draw_id, on)
        ahead = lines[course.lines_before + first : course.lines_before + len(course.periods)]
        unpaid = [line.open(PRINCIPAL) for line in ahead]
        repaid = min(money, sum(unpaid))
        if not repaid:
            return money
        course = replanned(course, on, first, unpaid, sum(unpaid) - repaid, way)
        # Principal repaid early is that of the installment due on the day, else of the next one.
        carrier = next((line for line in reversed(due) if line.due_on == on), ahead[0])
        changes = list(self._changes(draw_id, course, on))
        for line, before, period in zip(ahead, unpaid, course.periods[first:], strict=True):
            carried = repaid if line is carrier else 0
            changes.append(Change(line, PRINCIPAL, period.principal + carried - before))
        if carrier not in ahead:
            changes.append(Change(carrier, PRINCIPAL, repaid))
        self._follow(draw_id, course, changes, split.payment_id, "replanned", on)
        carrier.repaid_early += repaid
        self._take(Share(carrier, PRINCIPAL, repaid), split, split.payment_id, on, "paid")
        return money - repaid

    def _settle(
        self, split: Split, payment_id: str, money: int, on: date, draw_id: str, kind: str
    ) -> int:
        """Pay everything that a draw owes, due or not; answer what is left of the money."""
        allocation = replace(
            self.terms_of(draw_id).allocation,
            in_advance=COMPONENTS,
            in_advance_target="next_installment",
        )
        for share in shares(self._books.lines_by_draw[draw_id], money, on, allocation):
            self._take(share, split, payment_id, on, kind)
            money -= share.amount
        return money

    def _settle_from_credit(self, draw_id: str, on: date) -> None:
        """Let the oldest money held as credit pay what a settlement has left open."""
        books = self._books
        lot = books.credit.popleft()
        split = books.splits[lot.payment_id]
        left = self._settle(split, lot.payment_id, lot.amount, on, draw_id, "paid_from_credit")
        books.credit_balance -= lot.amount - left
        if left:
            books.credit.appendleft(lot._replace(amount=left))

    def _take(self, share: Share, split: Split, payment_id: str, on: date, kind: str) -> None:
        self._pay(share, split, on)
        self._note(on, kind, payment_id, share.line, share.component, share.amount)

    # --- refunds ---------------------------------------------------------------------------------

    def lessen(self, draw_id: str, changes: Iterable[Change]) -> None:
        """A refund has taken principal off lines of a draw, and interest to come with it."""
        if draw_id in self._books.accruals.by_draw:
            return  # Its interest follows what is really owed.
        course, lines = self._course(draw_id), self._books.lines_by_draw[draw_id]
        off = {line.number: [0] * len(COMPONENTS) for line in lines}
        for change in changes:
            off[change.line.number][change.component] += change.amount
        ahead = lines[course.lines_before : course.lines_before + len(course.periods)]
        taken = [(off[line.number][INTEREST], off[line.number][PRINCIPAL]) for line in ahead]
        kept = self.courses if draw_id in self.courses else self._lessened
        kept[draw_id] = lessened(course, taken)

    # --- restructuring ---------------------------------------------------------------------------

    def restructure(self, event: DrawRestructured, on: date) -> None:
        """Plan anew, under new terms and from this day on, what is unpaid of a draw.

        Principal makes the new plan.  Interest up to the day becomes principal too, or is asked for
        with the first new installment, as unpaid charges always are.  What the old plan had to
        come beyond that is given up.
        """
        books, event_id = self._books, event.restructure_id
        draw_id = books.account.schedule_of(event.draw_id)
        if not sum(line.open(PRINCIPAL) for line in self._anew(event, on)):
            return
        overdue = sum(line.open_total for line in self._anew(event, on) if line.due_on < on)
        self._give_up(draw_id, event_id, on)
        anew = self._anew(event, on)
        charges = self._unpaid_charges(anew)
        carried = [sum(line.open(part) for line in anew) for part in range(len(COMPONENTS))]
        capitalised = carried[INTEREST] if event.unpaid_interest == "capitalised" else 0
        carried[INTEREST] -= capitalised
        principal = carried[PRINCIPAL] + capitalised
        carried[PRINCIPAL] = 0
        self._change(
            [Change(line, part, -line.open(part)) for line in anew for part in range(len(carried))],
            event_id, "restructured", on,
        )  # fmt: skip
        kept = _closed_by(on, books.lines_by_draw[draw_id])
        rows = plan(event.terms, principal, on)
        new = [
            Line(draw_id, number, row.from_on, row.due_on, NOTHING)
            for number, row in enumerate(rows, start=len(kept) + 1)
        ]
        if capitalised:
            self._note(on, "capitalised", event_id, new[0], PRINCIPAL, capitalised)
        owed = [Change(new[0], part, amount) for part, amount in enumerate(carried)]
        for line, row in zip(new, rows, strict=True):
            owed += [Change(line, part, amount) for part, amount in enumerate(row[3:])]
        self._change(owed, event_id, "restructured", on)
        new[0].charges = [
            ChargeShare(on, part, carried[part]) for part in (PENALTY, FEE) if carried[part]
        ]
        books.line_of_charge.update(dict.fromkeys(charges, new[0]))
        books.reline(draw_id, kept + new, len(kept + new))
        books.accruals.begin(draw_id, event.terms, principal, on, new, carried[INTEREST])
        course = course_of(event.terms, principal, on, len(kept))
        self.courses[draw_id] = with_on_top(course, carried[INTEREST])
        if draw_id in books.accruals.by_draw:
            del self.courses[draw_id]  # It follows what is really owed.
        self.restructurings.setdefault(draw_id, []).append(
            Restructuring(on, event_id, principal, capitalised, overdue)
        )

    def _give_up(self, draw_id: str, event_id: str, on: date) -> None:
        """What the old plan has to come beyond a day is owed no more."""
        if (accrual := self._books.accruals.by_draw.get(draw_id)) is not None:
            unearned = list(map(Change._make, accrual.closing(on, is_settled=False)))
            self._change(unearned, event_id, "restructured", on)
        else:
            ended = closed(self._course(draw_id), on, self._first(draw_id, on))
            unearned = list(self._changes(draw_id, ended, on))
            self._follow(draw_id, ended, unearned, event_id, "restructured", on)

    def _anew(self, event: DrawRestructured, on: date) -> list[Line]:
        """The lines that a restructuring plans anew."""
        lines = self._books.lines_by_draw[self._books.account.schedule_of(event.draw_id)]
        return [line for line in lines if event.covers == "all_unpaid" or line.due_on > on]

    def _unpaid_charges(self, lines: Sequence[Line]) -> list[str]:
        """The keys of the charges on some lines, as far as anything of their kind is unpaid."""
        return [
            key
            for key, line in self._books.line_of_charge.items()
            if line in lines and line.open(FEE if key.startswith("fee:") else PENALTY)
        ]

    # --- what both do ----------------------------------------------------------------------------

    def _course(self, draw_id: str) -> Course:
        """The course that a draw is on: that of its terms, until something changes it."""
        course = self.courses.get(draw_id) or self._lessened.get(draw_id)
        if course is None:
            account = self._books.account
            draw, *others = account.draws_of(draw_id)
            if others:
                return shared_course([draw, *others], account.moved.get(draw_id, ()))
            course = course_of(draw.terms, draw.amount, draw.effective_on)
        return course

    def _first(self, draw_id: str, on: date) -> int:
        """The index of the first period that is neither over nor due, though its date was moved."""
        course, lines = self._course(draw_id), self._books.lines_by_draw[draw_id]
        due = sum(line.due_on <= on for line in lines)
        return min(max(begun(course, on), due - course.lines_before), len(course.periods))

    def _changes(self, draw_id: str, course: Course, on: date) -> Iterator[Change]:
        """What the lines not yet due owe more or less of interest and fees on another course."""
        before, lines = self._course(draw_id), self._books.lines_by_draw[draw_id]
        for line, old, new, interest in zip(
            lines[course.lines_before :],
            before.periods,
            course.periods,
            interest_due(course),
            strict=False,
        ):
            if line.due_on > on:
                settled = line.owed[INTEREST] - line.open(INTEREST) - line.cancelled[INTEREST]
                yield Change(line, INTEREST, max(0, interest - settled) - line.open(INTEREST))
                yield Change(line, FEE, -min(old.fee - new.fee, line.open(FEE)))

    def _follow(
        self,
        draw_id: str,
        course: Course,
        changes: Sequence[Change],
        fact_id: str,
        kind: ReplanKind,
        on: date,
    ) -> None:
        """Take a draw onto another course; lines at the end that are left with nothing are gone."""
        self._change(changes, fact_id, kind, on)
        books = self._books
        lines, planned = books.lines_by_draw[draw_id], books.planned_count[draw_id]
        while lines[-1].due_on > on and not (any(lines[-1].owed) or lines[-1].charges):
            lines = lines[:-1]
        books.reline(draw_id, lines, min(planned, len(lines)))
        count = len(lines) - course.lines_before
        self.courses[draw_id] = replace(course, periods=course.periods[:count])

    def _change(self, changes: Sequence[Change], fact_id: str, kind: ReplanKind, on: date) -> None:
        for line, component, amount in sorted(changes, key=lambda change: change.line.number):
            line.adjust(component, amount, on)
            if component == PRINCIPAL:
                self._books.principal_balance += amount
            self._note(on, kind, fact_id, line, component, amount)


def _closed_by(on: date, lines: Sequence[Line]) -> list[Line]:
    """The lines that stay when those to come are planned anew.

    Of a line to come only what was paid or waived of it is left, and that is closed by the day.
    """
    kept = [line for line in lines if line.due_on <= on or any(line.owed)]
    for number, line in enumerate(kept, start=1):
        line.number = number
        if line.due_on > on:
            line.due_on = line.planned_on = on
    return kept
