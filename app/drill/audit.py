"""What must hold after every round: the books against the clients' journals, views against replay.

everything acknowledged is in the log, once, under the digest that was acknowledged;
nothing is in the log that no client sent, or that was refused, or with other content;
every request has an answer, and no refusal but that of a credit limit;
positions have no gaps and digests fit (`ledger.proof`);
the views of every account equal its replay (`projections.verification`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from app.drill.facts import CURRENCY, Fact, Name, Request
from app.drill.journal import Answered, Record, read
from app.wiring import App
from ledger.codec import CodecError, decode
from ledger.domain.rejections import Code
from ledger.door import as_written
from ledger.log.records import Recorded
from ledger.proof.verify import verify_streams
from ledger.streams import is_account
from projections.verification import differences

#: The one refusal that a client expects.  Any other says that the ledger has lost something.
EXPECTED_REFUSAL = Code.LIMIT_EXCEEDED.value

PAGE_EVENTS = 5_000
PAGE_ACCOUNTS = 500


@dataclass(slots=True)
class Claims:
    """What the clients say that they sent, and how they say it was answered."""

    sent: dict[Name, Fact] = field(default_factory=dict)
    acknowledged: dict[Name, str] = field(default_factory=dict)
    refused: dict[Name, str] = field(default_factory=dict)
    #: Facts whose first answer was lost; the second said that they were recorded.
    repeated: int = 0
    _unanswered: dict[str, Request] = field(default_factory=dict)

    def take(self, client: str, record: Record) -> None:
        """The next line of a client's journal."""
        match record:
            case Request():
                self.sent |= {fact.name: fact for fact in record.facts}
                self._unanswered[client] = record
            case Answered():
                facts = self._unanswered.pop(client).facts
                self.repeated += record.repeated
                answers = zip(facts, record.digests, record.refusals, strict=True)
                for fact, digest, refusal in answers:
                    if digest is not None:
                        self.acknowledged[fact.name] = digest
                    else:
                        self.refused[fact.name] = str(refusal)

    def violations(self) -> Iterator[str]:
        """What the clients themselves have to complain of; they are at rest."""
        for client, request in self._unanswered.items():
            yield f"request {request.number} of {client} was never answered"
        for name, code in self.refused.items():
            if code != EXPECTED_REFUSAL:
                yield f"{_said(name)} was refused with {code}, for which there is no reason"


class Audit:
    """Holds a ledger against the journals in a folder, again and again."""

    def __init__(self, app: App, journals: Path) -> None:
        self._app = app
        self._journals = journals
        self._read_to: dict[Path, int] = {}
        self.claims = Claims()
        #: Digests whose content was compared once; the chains vouch for it from then on.
        self._compared: set[bytes] = set()

    def violations(self) -> list[str]:
        """Everything that should not be so.  Nobody may be writing."""
        for path in sorted(self._journals.iterdir()):
            records, self._read_to[path] = read(path, self._read_to.get(path, 0))
            for record in records:
                self.claims.take(path.stem, record)
        chains = (
            f"{one.stream_id}, position {one.position}, version {one.version}: {one.problem}"
            for one in verify_streams(self._app.log)
        )
        return [*self.claims.violations(), *self._books(), *chains, *self._views()]

    def _books(self) -> Iterator[str]:
        unseen = dict(self.claims.acknowledged)
        seen: set[Name] = set()
        for event in self._events():
            name = Name(event.stream_id, event.key)
            if name in seen:
                yield f"{_said(name)} is there twice"
                continue
            seen.add(name)
            acknowledged = unseen.pop(name, None)
            if acknowledged not in (None, event.digest.hex()):
                yield f"{_said(name)} was acknowledged as {acknowledged}, found {_place(event)}"
            yield from self._content(name, event)
        for name in unseen:
            yield f"{_said(name)} was acknowledged and is not there"

    def _content(self, name: Name, event: Recorded) -> Iterator[str]:
        if name not in self.claims.sent:
            yield f"{_said(name)} was sent by nobody, found {_place(event)}"
        elif name in self.claims.refused:
            yield f"{_said(name)} was refused, found {_place(event)}"
        elif event.digest not in self._compared:
            sent = self.claims.sent[name].body
            try:
                written = as_written(decode(event.topic, event.effective_on, event.state), CURRENCY)
            except CodecError as error:
                yield f"{_said(name)} cannot be read: {error}"
                return
            if {"account": event.stream_id, **written} != sent:
                yield f"{_said(name)} was sent as {sent}, found {written} {_place(event)}"
            self._compared.add(event.digest)

    def _events(self) -> Iterator[Recorded]:
        """The facts of accounts: what other streams hold was sent by no client."""
        for shard in range(self._app.log.shards):
            after = 0
            while page := self._app.log.follow(shard, after, PAGE_EVENTS):
                yield from (one for one in page if is_account(one.stream_id))
                after = page[-1].position

    def _views(self) -> Iterator[str]:
        for shard in range(self._app.log.shards):
            ids = self._app.reader.account_ids(shard)
            while page := list(islice(ids, PAGE_ACCOUNTS)):
                for one in differences(self._app.log, page, self._app.today()):
                    yield f"{one.view} of {one.account_id}: {one.problem}"


def _said(name: Name) -> str:
    return f"{name.key} of {name.account}"


def _place(event: Recorded) -> str:
    return (
        f"as version {event.version} at position {event.position} of shard {event.shard},"
        f" digest {event.digest.hex()}"
    )
