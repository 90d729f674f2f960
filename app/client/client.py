"""The client: one connection pool, and patience for what can be repeated."""

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self

import httpx

from app.client.answers import (
    Appended,
    BatchLine,
    CaseShown,
    Event,
    Quote,
    Reading,
    Rebuild,
    TrialBalance,
)
from app.client.errors import Refused, Unanswered

#: How long a request is repeated before it is given up, and how long one answer is waited for.
DEADLINE_SECONDS = 60.0
ANSWER_SECONDS = 30.0
#: Pauses double from first to last; half of each is left to chance, so that a crowd spreads.
PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.05, 2.0
#: After these the same request may well succeed: nothing, or nobody knows whether it, was written.
WORTH_REPEATING = frozenset({408, 429, 502, 503, 504})
#: Lines of one request of a batch: httpx reads only when all is sent, so both must fit in between.
BATCH_LINES = 500
EVENTS_PER_PAGE = 500


class Client:
    """Speaks to one door with one key.  Safe to share between threads."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=answer_seconds,
        )
        self._deadline_seconds = deadline_seconds

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    # Facts in

    def open_account(self, account: str, fact: Mapping[str, Any]) -> Appended:
        """Open an account.  Raises `Refused` or `Unanswered`."""
        return self._append("/v1/accounts", {"account": account, **fact})

    def append(
        self,
        account: str,
        resource: str,
        fact: Mapping[str, Any],
        *,
        expected_version: int | None = None,
        wait: bool = False,
    ) -> Appended:
        """Record a fact of a resource, such as `payments`.  Raises `Refused` or `Unanswered`.

        The fact has an id of its own, so that it is recorded once, however often it is sent.
        """
        path = f"/v1/accounts/{account}/{resource}"
        return self._append(path, fact, expected_version, wait=wait)

    def batch(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[BatchLine]:
        """Record many facts, each for itself, in their order.  Raises `Refused` or `Unanswered`.

        Lines are sent in parts; a part whose answer is torn is sent again as a whole.
        """
        source = iter(lines)
        before = 0
        while part := [_json(line) for line in islice(source, BATCH_LINES)]:
            for document in self._batch_part(b"\n".join(part)):
                appended = None if "problem" in document else _without_line(document)
                yield BatchLine(before + document["line"], appended, document.get("problem"))
            before += len(part)

    # Views out

    def schedule(self, account: str, **asked: date | datetime) -> Reading:
        """The repayment schedule, with `as_of` and `known_at` where they are given."""
        return Reading.of(self._get(f"/v1/accounts/{account}/schedule", asked))

    def overdue(self, account: str, **asked: date | datetime) -> Reading:
        """Whether each draw is overdue, with `as_of` and `known_at` where they are given."""
        return Reading.of(self._get(f"/v1/accounts/{account}/overdue", asked))

    def activity(self, account: str, **asked: date | datetime) -> Reading:
        """Each movement of money, with `as_of` and `known_at` where they are given."""
        return Reading.of(self._get(f"/v1/accounts/{account}/activity", asked))

    def episodes(self, account: str, **asked: date | datetime) -> Reading:
        """Each period of being overdue, with `as_of` and `known_at` where they are given."""
        return Reading.of(self._get(f"/v1/accounts/{account}/episodes", asked))

    def journal(self, account: str, **asked: date | datetime) -> Reading:
        """Each posting, with `as_of` and `known_at` where they are given."""
        return Reading.of(self._get(f"/v1/accounts/{account}/journal", asked))

    def quotes(
        self, account: str, *, draw: str | None = None, on: date | None = None
    ) -> tuple[Quote, ...]:
        """What settling costs: a draw, or each that owes something; on a day, or today."""
        asked = _given(draw=draw, on=on)
        found = self._get(f"/v1/accounts/{account}/quote", asked)
        return tuple(map(Quote.of, found["quotes"]))

    def open_case(
        self,
        account: str,
        case_id: str,
        words: str,
        *,
        language: str = "en",
        question: str = "not_shown",
    ) -> CaseShown:
        """Open a case, which is answered at once; its id makes it one, however often it is sent."""
        wanted = {"words": words, "language": language, "question": question}
        headers = {"Content-Type": "application/json", "Idempotency-Key": f'"{case_id}"'}
        path = f"/v1/accounts/{account}/cases"
        answer = self._patiently("POST", path, content=_json(wanted), headers=headers)
        return CaseShown.of(answer.json())

    def case(self, account: str, case_id: str) -> CaseShown:
        """A case with its answer."""
        return CaseShown.of(self._get(f"/v1/accounts/{account}/cases/{case_id}", {}))

    def trial_balance(
        self,
        account: str | None = None,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> TrialBalance:
        """The balance of every ledger account, of one account or of all."""
        asked = _given(account=account, as_of=as_of, known_at=known_at)
        return TrialBalance.of(self._get("/v1/trial-balance", asked))

    def begin_rebuild(self) -> Rebuild:
        """Have every view built anew, or find the rebuild that goes on already."""
        return Rebuild.of(self._patiently("POST", "/v1/rebuilds").json())

    def rebuild(self, generation: int) -> Rebuild:
        """How far a rebuild is, and what it would change."""
        return Rebuild.of(self._get(f"/v1/rebuilds/{generation}", {}))

    def confirm_rebuild(self, generation: int) -> Rebuild:
        """Let readers see it whatever changes.  Raises `Refused` before it is compared."""
        path = f"/v1/rebuilds/{generation}/confirmation"
        return Rebuild.of(self._patiently("POST", path).json())

    def list_overdue(self, **filters: str | int) -> Iterator[Reading]:
        """Every account with a draw that the filters let through, in the order of ids."""
        return self._pages("/v1/overdue", filters)

    def list_schedule(self, **filters: str | int | date) -> Iterator[Reading]:
        """Every account with an installment that the filters let through, in the order of ids."""
        return self._pages("/v1/schedule", filters)

    def events(self, shard: int, after: int = 0) -> Iterator[Event]:
        """The events of a shard behind a position, up to what is recorded now."""
        while True:
            asked = {"shard": shard, "after": after, "limit": EVENTS_PER_PAGE}
            page = self._get("/v1/events", asked)
            if not page["events"]:
                return
            yield from map(Event.of, page["events"])
            after = page["next"]

    # How

    def _append(
        self,
        path: str,
        fact: Mapping[str, Any],
        expected_version: int | None = None,
        *,
        wait: bool = False,
    ) -> Appended:
        headers = {"Content-Type": "application/json"}
        if expected_version is not None:
            headers["If-Match"] = f'"{expected_version}"'
        asked = {"wait": "view"} if wait else {}
        answer = self._patiently("POST", path, params=asked, content=_json(fact), headers=headers)
        return Appended.of(answer.json())

    def _batch_part(self, body: bytes) -> list[dict[str, Any]]:
        """The answers of a part, whole."""
        headers = {"Content-Type": "application/x-ndjson"}
        patience = _Patience(self._deadline_seconds)
        while True:
            answer = self._patiently("POST", "/v1/batch", content=body, headers=headers)
            documents = [json.loads(line) for line in answer.text.splitlines() if line]
            if documents and "end" in documents[-1]:
                return documents[:-1]
            torn = documents[-1].get("problem", {}) if documents else {}
            if torn and torn["status"] not in WORTH_REPEATING:
                raise Refused(torn)
            patience.wait_out("the answer to a batch was torn", None)

    def _pages(self, path: str, filters: Mapping[str, Any]) -> Iterator[Reading]:
        asked = dict(filters)
        while True:
            page = self._get(path, asked)
            yield from map(Reading.of, page["accounts"])
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    def _get(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        params = {
            name: one.isoformat() if isinstance(one, date) else str(one)
            for name, one in asked.items()
        }
        document: dict[str, Any] = self._patiently("GET", path, params=params).json()
        return document

    def _patiently(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask until there is an answer that settles it.  Raises `Refused` or `Unanswered`."""
        patience = _Patience(self._deadline_seconds)
        while True:
            try:
                answer = self._http.request(method, path, **how)
            except httpx.TransportError as error:
                patience.wait_out(repr(error), None)
                continue
            if answer.is_success:
                return answer
            if answer.status_code not in WORTH_REPEATING:
                raise Refused(_problem_of(answer))
            patience.wait_out(f"status {answer.status_code}", answer.headers.get("retry-after"))


class _Patience:
    """Pauses between attempts, up to a deadline."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._pause = PAUSE_SECONDS_MIN

    def wait_out(self, found: str, retry_after: str | None) -> None:
        """Pause.  Raises `Unanswered` where no time is left."""
        asked_for = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
        pause = max(asked_for, self._pause * random.uniform(0.5, 1.0))
        if time.monotonic() + pause >= self._deadline:
            raise Unanswered(f"No answer within {self._seconds:g} s; the last attempt met {found}.")
        time.sleep(pause)
        self._pause = min(2 * self._pause, PAUSE_SECONDS_MAX)


def _given(**asked: Any) -> dict[str, Any]:
    return {name: one for name, one in asked.items() if one is not None}


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form; give amounts as decimal strings")


def _without_line(document: Mapping[str, Any]) -> Appended:
    return Appended.of({name: one for name, one in document.items() if name != "line"})


def _problem_of(answer: httpx.Response) -> dict[str, Any]:
    if answer.headers.get("content-type") == "application/problem+json":
        problem: dict[str, Any] = answer.json()
        return problem
    return {"status": answer.status_code, "code": "unknown", "detail": answer.text[:200]}
