"""What ends a draw otherwise than by being paid: write-off with recovery, cancellation, refund.

Each changes installments that are there, never their number, their due dates or what they owed
first: what is taken off stands beside it (`Line.written_off`, `Line.cancelled`).

    written off   owed to the books no more, but money that nothing else takes recovers it
    cancelled     nothing is owed, and what was paid is the customer's credit again
    refunded      so much principal less is owed, and what of it was paid is credit again
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from ledger.domain.allocation import (
    INTEREST,
    PRINCIPAL,
    Line,
    Share,
    component_of,
    is_principal_first,
    places,
    principal_first,
    shares,
)
from ledger.domain.money import rounded
from ledger.domain.outcome_events import DrawCancelled, DrawRefunded, DrawWrittenOff
from ledger.domain.replans import Change
from ledger.domain.splits import Split
from ledger.domain.terms import COMPONENTS, Allocation, Refunds

if TYPE_CHECKING:
    from ledger.domain.settlement import Settlement

_ALL_COMPONENTS = range(len(COMPONENTS))


@dataclass(slots=True)
class _Receipt:
    """A part of a payment that an installment holds, or that recovered a part of it."""

    split: Split
    line: Line
    component: int
    amount: int
    on: date
    is_recovery: bool = False


class Outcomes:
    """The endings of the draws of one account, while its movements are applied to `books`."""

    def __init__(self, books: "Settlement", note: Callable[..., None]) -> None:
        self._books = books
        self._note = note
        account = books.account
        #: Where money went; kept only where some of it may have to be given back.
        self._receipts: list[_Receipt] = []
        self._remembers = bool(account.endings or account.draw_refunds)
        self._refunded: dict[str, int] = {}
        self.has_written_off = False
        #: Schedules of which nothing is left: cancelled, or refunded altogether.
        self.ended: set[str] = set()

    def apply(self, event: DrawWrittenOff | DrawCancelled | DrawRefunded, on: date) -> None:
        """Take one such event into the books.  What became credit is the caller's to use."""
        account = self._books.account
        if event.key in account.reversed_endings:
            return  # It was reversed: it never was.
        lines = self._books.lines_by_draw[account.schedule_of(event.draw_id)]
        match event:
            case DrawWrittenOff():
                self._write_off(event, lines, on)
            case DrawCancelled():
                self._end(event.draw_id, event.key, lines, on)
                self._give_back(event.draw_id, event.key, self._receipts, None, on)
            case DrawRefunded():
                self._refund(event, lines, on)
            case _:
                assert_never(event)

    # --- written off ----------------------------------------------------------------------------

    def _write_off(self, event: DrawWrittenOff, lines: list[Line], on: date) -> None:
        """By component, oldest installment first; never more than is open."""
        if event.amounts is None and lines:
            self._books.accruals.close(lines[0].draw_id, on)
        for component in _ALL_COMPONENTS:
            left = None if event.amounts is None else astuple(event.amounts)[component]
            for line in lines:
                owed = line.open(component)
                amount = owed if left is None else min(left, owed)
                if amount:
                    line.write_off(component, amount, on)
                    self._less_principal(component, amount)
                    self._note(on, "written_off", event.key, line, component, amount)
                    left = None if left is None else left - amount
        self.has_written_off = True

    def recovered(
        self,
        split: Split,
        money: int,
        on: date,
        draw_id: str | None = None,
        *,
        from_credit: bool = False,
    ) -> int:
        """How much of `money` recovers what was written off: of the draw named, or of any.

        What is not needed for debt that still stands in the books is asked for, oldest installment
        first, in the order of what is past due.
        """
        if not self.has_written_off or not money:
            return 0
        kind = "recovered_from_credit" if from_credit else "recovered"
        left = money
        for share in self._recoverable(draw_id, on):
            amount = min(left, share.amount)
            share.line.recover(share.component, amount, on)
            split.recovered[share.component] += amount
            self.remember(split, share._replace(amount=amount), on, is_recovery=True)
            self._note(on, kind, split.payment_id, share.line, share.component, amount)
            left -= amount
            if left == 0:
                break
        return money - left

    def _recoverable(self, draw_id: str | None, on: date) -> Iterator[Share]:
        account, lines = self._books.account, self._books.lines
        if draw_id is not None:
            lines = self._books.lines_by_draw[account.schedule_of(draw_id)]
        lines = [line for line in lines if line.written_off != line.recovered]
        if not lines:
            return
        oldest = lines[0]
        terms = self._books.replans.terms_of(oldest.draw_id)
        is_old = is_principal_first(on, terms, oldest.due_on)
        order = terms.allocation.past_due
        steps = principal_first(order) if is_old else order
        for line, step in places(lines, steps, by_component=is_old):
            component = component_of(step)
            amount = line.recoverable(component)
            if amount:
                yield Share(line, component, amount)

    # --- cancelled ------------------------------------------------------------------------------

    def charged(self, key: str, line: Line, component: int, amount: int, on: date) -> None:
        """A charge that counts from after the end of its draw is cancelled with it."""
        if line.draw_id in self.ended:
            self._cancel(line, component, amount, key, on)

    def _end(self, schedule: str, key: str, lines: Iterable[Line], on: date) -> None:
        """Nothing of a schedule is owed any more."""
        self.ended.add(schedule)
        self._books.accruals.end(schedule)
        for line in lines:
            for component in _ALL_COMPONENTS:
                self._cancel(line, component, line.open(component), key, on)
                self._forget(line, component, line.recoverable(component), key, on)

    def _cancel(self, line: Line, component: int, amount: int, key: str, on: date) -> None:
        if amount:
            line.cancel(component, amount, on)
            self._less_principal(component, amount)
            self._note(on, "cancelled", key, line, component, amount)

    def _forget(self, line: Line, component: int, amount: int, key: str, on: date) -> None:
        """Cancel what was written off: it is asked for no more."""
        if amount:
            line.cancel_written_off(component, amount, on)
            self._note(on, "cancelled_written_off", key, line, component, amount)

    # --- given back -----------------------------------------------------------------------------

    def remember(self, split: Split, share: Share, on: date, *, is_recovery: bool = False) -> None:
        """Keep in mind where money went, if some of it may have to be given back."""
        if self._remembers:
            self._receipts.append(_Receipt(split, *share, on, is_recovery))

    def _give_back(
        self,
        schedule: str,
        key: str,
        receipts: Iterable[_Receipt],
        most: int | None,
        on: date,
    ) -> None:
        """Make money paid for a schedule credit again: all of it, or `most` of the principal."""
        left = most
        for receipt in receipts:
            is_meant = most is None or receipt.component == PRINCIPAL
            if receipt.line.draw_id != schedule or not is_meant:
                continue
            amount = receipt.amount if left is None else min(left, receipt.amount)
            if amount:
                self._return(receipt, amount, key, on)
                left = None if left is None else left - amount

    def _return(self, receipt: _Receipt, amount: int, key: str, on: date) -> None:
        line, split, component = receipt.line, receipt.split, receipt.component
        receipt.amount -= amount
        if receipt.is_recovery:
            line.recovered[component] -= amount
            line.cancel_written_off(component, amount, on)
            split.recovered[component] -= amount
        else:
            line.give_back(component, amount, receipt.on, on)
            split.paid[component] -= amount
        self._books.hold(split.payment_id, amount)
        self._note(on, "given_back", key, line, component, amount)

    # --- refunded -------------------------------------------------------------------------------

    def _refund(self, event: DrawRefunded, lines: list[Line], on: date) -> None:
        """Less principal: of what is open, of what was written off, then of what was paid."""
        account = self._books.account
        schedule = account.schedule_of(event.draw_id)
        before = self._refunded.get(event.draw_id, 0)
        rest = account.draws[event.draw_id].amount - before
        amount = rest if event.amount is None else min(event.amount, rest)
        self._refunded[event.draw_id] = before + amount
        draws = account.draws_of(schedule)
        is_whole = all(self._refunded.get(d.draw_id, 0) == d.amount for d in draws)

        left = amount - self._reduce_debt(event, schedule, lines, amount, on)
        for line in reversed(lines):
            part = min(left, line.recoverable(PRINCIPAL))
            self._forget(line, PRINCIPAL, part, event.key, on)
            left -= part
        self._give_back(schedule, event.key, reversed(self._receipts), left, on)
        if is_whole:
            self._end(schedule, event.key, lines, on)

    def _reduce_debt(
        self, event: DrawRefunded, schedule: str, lines: list[Line], amount: int, on: date
    ) -> int:
        """Take open principal off as the terms say, and with it the interest it would have cost."""
        terms = self._books.replans.terms_of(schedule)
        rules = terms.refunds or Refunds()
        principal = sum(line.open(PRINCIPAL) for line in lines)
        order = Allocation(
            "status_then_installment", in_advance=("principal",), in_advance_target=rules.target
        )
        changes: list[Change] = []
        # Seen from the beginning of time every installment is one in advance.
        for share in shares(lines, amount, date.min, order, terms.money_rounding):
            self._cancel(share.line, PRINCIPAL, share.amount, event.key, on)
            changes.append(Change(*share))
        taken = sum(change.amount for change in changes)
        is_accruing = schedule in self._books.accruals.by_draw
        if rules.future_interest == "in_proportion" and taken and not is_accruing:
            for line in lines:
                if line.due_on > on:
                    saved = Fraction(line.open(INTEREST) * taken, principal)
                    less = rounded(saved, terms.money_rounding)
                    self._cancel(line, INTEREST, less, event.key, on)
                    changes.append(Change(line, INTEREST, less))
        self._books.replans.lessen(schedule, changes)
        return taken

    def _less_principal(self, component: int, amount: int) -> None:
        if component == PRINCIPAL:
            self._books.principal_balance -= amount
