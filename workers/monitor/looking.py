"""What holds for accounts and for shards: the checks of the monitor, and the proof of a clean one.

Accounts are compared in bulk, and only those that do not agree with replay get a diagnosis.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.log.log import Log
from ledger.proof.verify import Finding as ChainFinding
from ledger.proof.verify import verify_positions, verify_streams
from ledger.streams import is_account
from projections.diagnosis import Cause, Diagnosis, Finding, diagnose
from projections.display import Display, Found, StoreAway
from projections.incidents import Suspect
from projections.projector import Checkpoint
from projections.schema import SQL
from projections.verification import Examined, examined

#: Causes that are faults of the system, whatever the books say of the account.
FAULTS = frozenset(
    {
        Cause.LEDGER_TAMPERED.value,
        Cause.NOT_PROJECTED.value,
        Cause.QUARANTINED.value,
        Cause.DAY_NOT_ROLLED.value,
        Cause.DRIFTED.value,
        Cause.GENERATION_NOT_SWITCHED.value,
        Cause.STALE_CACHE.value,
    }
)
#: More accounts of a shard than this that a day left behind are the shard's affair.
UNROLLED_ACCOUNTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Look:
    """An account that was looked at: the proof that it is clean, or the cause that holds."""

    account_id: str
    cause: str | None
    evidence: dict[str, Any]
    #: Nothing of it may be healed.
    is_tampered: bool = False


def suspects_of(
    log: Log,
    shard: int,
    stream_ids: Sequence[str],
    today: date,
    display: Display | None,
    closely: int = 0,
) -> Iterator[Suspect]:
    """Of these streams of a shard those with a fault, each with its cause.

    Accounts that are merely late are not among them: how late a shard may be is measured for all of
    its accounts at once.  So many of them, the first, get a diagnosis up to what their borrowers
    are shown, whether or not their rows agree.
    """
    accounts = [one for one in stream_ids if is_account(one)]
    looks = chain(
        looks_at(log, accounts[:closely], today, display),
        looks_at(log, accounts[closely:], today, display, only_suspects=True),
    )
    for look in looks:
        if look.cause is not None and look.cause != Cause.NOT_PROJECTED.value:
            yield Suspect(look.cause, shard, look.account_id, look.evidence)
    others = [one for one in stream_ids if not is_account(one)]
    yield from tampered(shard, verify_streams(log, others) if others else ())


def tampered(shard: int, broken: Iterable[ChainFinding]) -> Iterator[Suspect]:
    """Streams that do not fit their digests; where no stream can be named, the shard."""
    seen: set[str] = set()
    for found in broken:
        stream_id = found.stream_id or ""
        if stream_id not in seen:
            seen.add(stream_id)
            evidence = {"problem": found.problem, "position": found.position}
            yield Suspect(Cause.LEDGER_TAMPERED.value, shard, stream_id, evidence)


def looks_at(
    log: Log,
    account_ids: Sequence[str],
    today: date,
    display: Display | None,
    *,
    only_suspects: bool = False,
) -> Iterator[Look]:
    """Look at accounts of one shard.  With `only_suspects` those that agree are passed over."""
    stale = _stale(display, account_ids, today)
    for one in examined(log, account_ids, today):
        broken, entry = one.chain, stale.get(one.account_id)
        if only_suspects and not one.differences and not broken and entry is None:
            continue
        yield _look(log, one, broken, today, display, entry)


def _stale(display: Display | None, account_ids: Sequence[str], today: date) -> dict[str, Found]:
    """What the cache holds of these accounts and should not."""
    try:
        return display.stale_entries(account_ids, today) if display is not None else {}
    except StoreAway:
        return {}  # Each diagnosis says so, and the samples have some every few minutes.


def _look(
    log: Log,
    one: Examined,
    broken: list[ChainFinding],
    today: date,
    display: Display | None,
    entry: Found | None,
) -> Look:
    if broken:
        evidence = {"problem": broken[0].problem, "position": broken[0].position}
        return Look(one.account_id, Cause.LEDGER_TAMPERED.value, evidence, is_tampered=True)
    if not one.history:
        return Look(one.account_id, None, {"version": 0})
    diagnosis = diagnose(log, one.account_id, today, display=display)
    faults = faults_of(diagnosis)
    if faults:
        return Look(
            one.account_id,
            faults[0].cause.value,
            _evidence_of(faults[0]),
            is_tampered=faults[0].cause is Cause.LEDGER_TAMPERED,
        )
    if one.differences and not one.is_late(today):
        # A view that the diagnosis does not look at.
        found = one.differences[0]
        evidence = {"view": found.view, "problem": found.problem, "version": one.head.version}
        return Look(one.account_id, Cause.DRIFTED.value, evidence)
    if entry is not None:
        # One of a page, or of a client, that the diagnosis does not look at.
        stale = {"outcome": entry.outcome, "why": entry.why}
        return Look(one.account_id, Cause.STALE_CACHE.value, stale)
    if diagnosis.incomplete:
        return Look(one.account_id, "incomplete", {"incomplete": list(diagnosis.incomplete)})
    if one.differences:
        # It was behind when it was compared, and has caught up before it was diagnosed.
        return Look(one.account_id, Cause.NOT_PROJECTED.value, {"version": one.head.version})
    return Look(one.account_id, None, _proof_of(one, diagnosis))


def faults_of(diagnosis: Diagnosis) -> list[Finding]:
    """The faults that a diagnosis names, in order of precedence."""
    found = [diagnosis.finding] if diagnosis.finding else []
    return [one for one in (*found, *diagnosis.noticed) if one.cause.value in FAULTS]


def _evidence_of(finding: Finding) -> dict[str, Any]:
    return {
        "summary": finding.summary,
        "sub_cause": finding.sub_cause,
        "evidence": [{"sentence": one.sentence, "data": one.data} for one in finding.evidence],
        "remedy": finding.remedy,
    }


def _proof_of(one: Examined, diagnosis: Diagnosis) -> dict[str, Any]:
    """What shows that an account is clean: every row equals replay of the stream as it stands."""
    receipt = one.receipt
    return {
        "says": "every row of every view equals replay",
        "as_of": diagnosis.as_of,
        "diagnosis": diagnosis.cause,
        "version": one.head.version,
        "position": one.history[-1].position,
        "digest": one.head.digest,
        "receipt": receipt
        and {
            "account_version": receipt.account_version,
            "as_of": receipt.as_of,
            "changes_on": receipt.changes_on,
            "contents": receipt.contents,
            "projected_at": receipt.projected_at,
        },
    }


class Gauge:
    """Measures shards.  What a shard as a whole does wrong needs no look at its accounts."""

    def __init__(
        self, pool: ConnectionPool[Connection], log: Log, lag_max: timedelta, now: datetime
    ) -> None:
        self._pool = pool
        self._log = log
        self._lag_max = lag_max
        self._now = now

    def lagging(self, checkpoints: Sequence[Checkpoint]) -> Iterator[Suspect]:
        """Shards whose next event waits for longer than is allowed.

        While history is loaded, recorded times are those of its source and say nothing of waiting.
        """
        heads = {head.shard: head.position for head in self._log.heads()}
        behind = [one for one in checkpoints if one.position < heads[one.shard]]
        if not behind or self._log.phase == "loading":
            return
        for one in behind:
            [event] = self._log.follow(one.shard, one.position, 1)
            if self._now - event.recorded_at > self._lag_max:
                evidence = {
                    "projected": one.position,
                    "head": heads[one.shard],
                    "oldest_waiting": event.stream_id,
                    "recorded_at": event.recorded_at,
                }
                yield Suspect(Cause.NOT_PROJECTED.value, one.shard, "", evidence)

    def unrolled(self, checkpoints: Sequence[Checkpoint], today: date) -> Iterator[Suspect]:
        """Accounts whose state has changed with the day and whose rows have not."""
        for one in checkpoints:
            accounts = self._left_behind(one, today)
            evidence = {"shard": one.shard, "rolled_to": one.rolled_to, "today": today}
            if len(accounts) > UNROLLED_ACCOUNTS_MAX:
                accounts = [""]
            for account_id in accounts:
                yield Suspect(Cause.DAY_NOT_ROLLED.value, one.shard, account_id, evidence)

    def is_rolled(self, checkpoint: Checkpoint, today: date) -> bool:
        """Whether no account of the shard is left behind by the day."""
        return not self._left_behind(checkpoint, today)

    def _left_behind(self, checkpoint: Checkpoint, today: date) -> list[str]:
        asked = {
            "generation": checkpoint.generation,
            "shard": checkpoint.shard,
            "day": today,
            "limit": UNROLLED_ACCOUNTS_MAX + 1,
        }
        with self._pool.connection() as conn:
            return [row[0] for row in conn.execute(SQL.accounts_to_roll, asked)]


def positions_of(log: Log, shard: int) -> Iterator[Suspect]:
    """Where the positions of a shard have gaps, and events that belong to no stream."""
    yield from tampered(shard, verify_positions(log, shard))
