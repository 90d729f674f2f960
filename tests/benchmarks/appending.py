"""How fast facts come in: in bulk and one by one, beside the bare INSERT or COPY of their rows."""

from collections.abc import Callable, Iterator

from ledger.books import Books
from ledger.counter import Counter
from ledger.domain.rejections import Rejection
from ledger.door import parse_line
from ledger.log.records import NewEvent, Recorded
from tests.benchmarks.callers import Callers, callers
from tests.benchmarks.checks import WrongResult, log_is_sound, same_number
from tests.benchmarks.data import new_event_of, payments, portfolio
from tests.benchmarks.figures import Figure, Goal, alternate, seconds_of
from tests.benchmarks.ledgers import SHARDS, Ledger, batches, fresh_ledger
from tests.benchmarks.yardsticks import BareEvents

CALLERS = 16
#: What a borrower has at least: the account, the draw and three payments.
EVENTS_MIN = 5


def bulk(server_url: str, accounts: int, rounds: int) -> Iterator[Figure | str]:
    """Batches of 1,000 by two doors; every round brings borrowers that nobody has seen."""
    with fresh_ledger(server_url) as of_log, fresh_ledger(server_url) as of_books:
        race = _Bulk(of_log, of_books, accounts)
        jobs = (race.through_log, race.through_copy, race.through_books)
        log, copy, books = alternate(rounds, *jobs)
        goal = Goal("at least", 0.4)
        yield Figure(
            "bulk append, Log.append", log, "COPY, primary key only", copy, "events/s", goal
        )
        yield Figure("bulk append, Books.append_each", books, "the same", copy, "events/s")
        yield log_is_sound("bulk append", of_log, race.events)
        yield log_is_sound("bulk append through the books", of_books, race.events)
        same_number("bulk append", "rows of the yardstick", race.bare.count(), race.events)


class _Bulk:
    """The same facts on three ways into PostgreSQL."""

    def __init__(self, of_log: Ledger, of_books: Ledger, accounts: int) -> None:
        self._log = of_log.house.log
        self._books = of_books.house.books
        self._accounts = accounts
        self._rows: list[Recorded] = []
        self.bare = BareEvents(of_log.house.pool)
        self.events = 0

    def through_log(self, number: int) -> float:
        """Facts that are decided already: keyed, hashed, chained, appended."""
        requests = list(batches(_events(portfolio(f"R{number}", self._accounts))))
        self._rows.clear()

        def append() -> None:
            for request in requests:
                self._rows.extend(one.recorded for one in self._log.append(request))

        seconds = seconds_of(append)
        self.events += len(self._rows)
        return len(self._rows) / seconds

    def through_copy(self, number: int) -> float:
        """The rows that the log has just written, with nothing asked about them."""
        return len(self._rows) / seconds_of(lambda: self.bare.copy(self._rows))

    def through_books(self, number: int) -> float:
        """Lines as bytes: parsed, decided on what is recorded, appended."""
        lines = portfolio(f"R{number}", self._accounts)
        return len(lines) / seconds_of(lambda: _take(self._books, lines))


def _take(books: Books, lines: list[bytes]) -> None:
    for request in batches(lines):
        for answer in books.append_each([parse_line(raw) for raw in request]):
            if isinstance(answer, Rejection):
                raise WrongResult(f"bulk append through the books: refused: {answer.message}")


def single(server_url: str, events: int, rounds: int) -> Iterator[Figure | str]:
    """One fact a request, many callers at once, each answered when the fact is on disk."""
    with (
        fresh_ledger(server_url) as of_log,
        fresh_ledger(server_url) as of_counter,
        Counter(of_counter.house.books) as counter,
        callers(CALLERS) as many,
    ):
        of_counter.fill(portfolio("C", events))
        race = _Single(of_log, of_counter, counter, many, events)
        known = of_counter.events
        log, insert, counted = alternate(
            rounds, race.through_log, race.through_insert, race.through_counter
        )
        name, yardstick = f"single appends, {CALLERS} callers", "one-row INSERT and commit"
        yield Figure(f"{name}, Log.append", log, yardstick, insert, "events/s")
        yield Figure(f"{name}, Counter", counted, "the same", insert, "events/s")
        yield log_is_sound("single appends", of_log, events * rounds)
        yield log_is_sound("single appends at the counter", of_counter, known + events * rounds)
        same_number("single appends", "rows of the yardstick", race.bare.count(), events * rounds)


class _Single:
    """One row, one event and one fact a request, by the same callers."""

    def __init__(
        self, of_log: Ledger, of_counter: Ledger, counter: Counter, by: Callers, events: int
    ) -> None:
        self._log = of_log.house.log
        self._counter = counter
        self._by = by
        self._events = events
        self._accounts = [
            account
            for shard in range(SHARDS)
            for account in of_counter.house.log.stream_ids(shard, "", events)
        ]
        self._rows: list[Recorded] = []
        self.bare = BareEvents(of_log.house.pool)

    def through_log(self, number: int) -> float:
        """Facts that are decided already, each in a transaction of its own."""
        new = _events(portfolio(f"S{number}", self._events // EVENTS_MIN + 1)[: self._events])
        self._rows.clear()

        def append(event: NewEvent) -> Recorded:
            return self._log.append([event])[0].recorded

        return self._rate(lambda: self._rows.extend(self._by.bring(append, new)))

    def through_insert(self, number: int) -> float:
        """The rows that the log has just written."""
        return self._rate(lambda: self._by.bring(self.bare.insert, self._rows))

    def through_counter(self, number: int) -> float:
        """Lines as bytes, a payment to each account: parsed, gathered, decided, appended."""
        lines = payments(self._accounts, f"P-{number}")
        return self._rate(lambda: self._by.bring(self._bring, lines))

    def _bring(self, raw: bytes) -> None:
        self._counter.append_all([parse_line(raw)])

    def _rate(self, work: Callable[[], object]) -> float:
        return self._events / seconds_of(work)


def _events(lines: list[bytes]) -> list[NewEvent]:
    new_event = new_event_of()
    return [new_event(raw) for raw in lines]
