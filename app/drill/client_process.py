"""One client of a drill: `python -m app.drill.client_process SEED CLIENT ACCOUNTS`.

It sends one request after the other, as a service would: what has no answer is sent again under
the same keys, after an outage as well as after its own death.  One byte on standard input tells it
to work or to rest; to the latter it answers with a byte when it has nothing in hand.
"""

import os
import select
import sys
from contextlib import ExitStack
from random import Random

from app.attached import leave_when_told
from app.drill.facts import Request, Writer, account_ids
from app.drill.journal import Answered, Journal, journal_path
from app.drill.patience import patiently
from app.operations_log import configure
from app.settings import Settings
from app.wiring import App, opened
from ledger.books import Answer, Taken
from ledger.domain.rejections import Rejected, Rejection
from ledger.door import line_of

WORK, REST, RESTING = b"w", b"r", b"R"
PAUSE_SECONDS_MAX = 0.03


class Client:
    """Sends requests and remembers them."""

    def __init__(self, app: App, journal: Journal, writer: Writer) -> None:
        self._app = app
        self._journal = journal
        self._writer = writer
        self._number = 0
        self._unanswered: Request | None = None
        for record in journal.records:
            self._remember(record)

    def send_next(self) -> None:
        """Make a request and get its answer."""
        request = self._writer.request(self._number + 1)
        self._journal.write(request)
        self._remember(request)
        self.finish()

    def finish(self) -> None:
        """Get the answer that is still missing, if one is."""
        if (request := self._unanswered) is None:
            return
        answered = answer_of(request, patiently(lambda: take(self._app, request)))
        self._journal.write(answered)
        self._remember(answered)

    def _remember(self, record: Request | Answered) -> None:
        match record:
            case Request():
                self._writer.sent(record)
                self._number = record.number
                self._unanswered = record
            case Answered():
                assert self._unanswered is not None
                assert self._unanswered.number == record.number
                for fact, digest in zip(self._unanswered.facts, record.digests, strict=True):
                    if digest is not None:
                        self._writer.taken(fact)
                self._unanswered = None


def take(app: App, request: Request) -> list[Answer]:
    """Send a request once; an answer for each of its facts."""
    lines = [line_of(dict(fact.body)) for fact in request.facts]
    answers: list[Answer]
    if request.is_whole:
        try:
            answers = [*app.books.append_all(lines)]
        except Rejected as error:
            answers = [error.rejection] * len(lines)
    else:
        answers = app.books.append_each(lines)
    app.ring(answers)
    return answers


def answer_of(request: Request, answers: list[Answer]) -> Answered:
    """The answers as a journal keeps them."""
    digests: list[str | None] = []
    for fact, answer in zip(request.facts, answers, strict=True):
        if isinstance(answer, Taken):
            [recorded] = answer.recorded
            assert recorded.key == fact.name.key
            digests.append(recorded.digest.hex())
        else:
            digests.append(None)
    return Answered(
        request.number,
        digests=tuple(digests),
        refusals=tuple(
            answer.code.value if isinstance(answer, Rejection) else None for answer in answers
        ),
        repeated=sum(isinstance(answer, Taken) and answer.is_retry for answer in answers),
    )


def main() -> None:
    """Serve until standard input ends."""
    configure("client")
    leave_when_told()
    seed, client, accounts = map(int, sys.argv[1:])
    settings = Settings()
    with ExitStack() as exits:
        journal = exits.enter_context(Journal(journal_path(settings.home, client)))
        app = patiently(lambda: exits.enter_context(opened(settings)))
        serve(Client(app, journal, Writer(seed, client, account_ids(accounts))))


def serve(client: Client) -> None:
    """Do what the bytes on standard input say."""
    lots = Random()
    client.finish()
    is_working = False
    while (order := _order(lots.uniform(0, PAUSE_SECONDS_MAX) if is_working else None)) != b"":
        if order is not None:
            is_working = order == WORK
        if is_working:
            client.send_next()
        else:
            os.write(sys.stdout.fileno(), RESTING)


def _order(wait_seconds: float | None) -> bytes | None:
    """The next byte, empty at the end; None if there is none within the wait."""
    stdin = sys.stdin.fileno()
    ready, _, _ = select.select([stdin], [], [], wait_seconds)
    return os.read(stdin, 1) if ready else None


if __name__ == "__main__":
    main()
