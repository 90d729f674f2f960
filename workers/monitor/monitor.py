"""Watch: measure shards, look at samples and once a day at everything, open incidents, heal, close.

Finding and healing are apart.  Whatever finds something only notes it; `attend` takes up whom open
incidents concern, heals where the policy lets it, and clears those for whom the check is clean now.
So a worker that is killed in between leaves an open incident that the next one attends to.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from psycopg import Connection
from psycopg_pool import ConnectionPool

from ledger.garbage import without_collector
from ledger.log.log import Log
from ledger.proof.verify import verify_streams
from ledger.streams import is_account
from projections.diagnosis import Cause
from projections.display import Display, StoreAway
from projections.incidents import Incidents, Outbox, Record, Suspect
from projections.projector import Checkpoint, OtherGeneration, Projector
from projections.reading import Reader
from workers.monitor.looking import Gauge, looks_at, positions_of, suspects_of
from workers.monitor.passes import Passes
from workers.monitor.policy import Policy, Remedy

#: Accounts of a sample that are looked at up to what their borrowers are shown.
CLOSELY = 5

_Proofs = dict[tuple[int, str], Mapping[str, Any]]

_logger = structlog.get_logger(__name__)


class Monitor:
    """The monitor of one ledger.  Safe to share between threads and to run twice at once."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        log: Log,
        projector: Projector,
        reader: Reader,
        clock: Callable[[], datetime],
        policy: Policy,
        *,
        has_receiver: bool = False,
        since_midnight: Callable[[], timedelta | None] = lambda: None,
        display: Display | None = None,
    ) -> None:
        self._pool = pool
        self._log = log
        self._projector = projector
        self._reader = reader
        self._clock = clock
        self._policy = policy
        self._since_midnight = since_midnight
        self._display = display
        self._record = Record(pool, clock, log.ledger_id, has_receiver=has_receiver)
        self.incidents = Incidents(pool)
        self.passes = Passes(pool, log, clock, policy.accounts_a_second)
        self.outbox = Outbox(pool, clock)

    # Finding

    def measure(self, today: date) -> None:
        """Lag, roll date, quarantine and generation of every shard."""
        checkpoints = self._live()
        if checkpoints is None:
            self._note(list(self._not_switched()))
            return
        gauge = self._gauge()
        suspects = list(gauge.lagging(checkpoints))
        if self._is_roll_time(checkpoints, today):
            suspects += gauge.unrolled(checkpoints, today)
        self._note(suspects + self._quarantined())

    def look_at(
        self, shard: int, stream_ids: Sequence[str], today: date, closely: int = CLOSELY
    ) -> int:
        """Compare these streams of a shard, and some up to what their borrowers are shown; answers
        how many are suspect.
        """
        with without_collector():
            looked = suspects_of(self._log, shard, stream_ids, today, self._display, closely)
            suspects = list(looked)
        self._note(suspects)
        return len(suspects)

    def go_on(self, shard: int, today: date, *, is_patient: bool = True) -> bool:
        """Look at the next chunk of a shard; False if there is nothing more to do now."""
        if self._live() is None:
            return False  # Other code's rows cannot be compared, and do not count as looked at.
        with self.passes.chunk(shard, today, is_patient=is_patient) as chunk:
            if chunk is None:
                return False
            chunk.suspects = self.look_at(shard, chunk.stream_ids, today, closely=0)
            if chunk.is_end:
                gaps = list(positions_of(self._log, shard))
                self._note(gaps)
                chunk.suspects += len(gaps)
            return not chunk.is_end

    def run_once(self, today: date, looked: Callable[[int], None] = lambda _: None) -> None:
        """Measure, look at everything now, and attend to what was found."""
        self.passes.begin_anew()
        self.measure(today)
        for shard in range(self._log.shards):
            while self.go_on(shard, today, is_patient=False):
                pass
            looked(shard + 1)
        self.attend(today)

    # Healing

    def has_patients(self) -> bool:
        """Whether somebody whom an open incident concerns is to be looked at now."""
        return bool(self._record.due())

    def attend(self, today: date) -> None:
        """Heal and clear whom open incidents concern, as far as it can be done."""
        with self._record.turn() as is_ours:
            while is_ours and (due := self._record.due()):
                for (number, cause, shard), members in groupby(due, lambda one: one[:3]):
                    ids = [member.account_id for member in members]
                    self._attend(number, cause, shard, ids, today)

    def _attend(self, number: int, cause: str, shard: int, ids: Sequence[str], today: date) -> None:
        proofs, untouchable = self._checked(cause, shard, ids, today)
        ill = [one for one in ids if (shard, one) not in proofs and one not in untouchable]
        remedy = self._policy.remedy(cause)
        if ill and remedy is not None:
            said = self._apply(remedy, shard, ill, today)
            self._record.note_act(number, remedy.value, ill, said)
            proofs |= self._checked(cause, shard, ill, today)[0]
        # Whoever is not clean is put off first: clearing the last one closes the incident.
        self._record.postpone(number, shard, [one for one in ids if (shard, one) not in proofs])
        if proofs and self._record.clear(number, proofs):
            _logger.info("incident_closed", incident=number, cause=cause)

    def _checked(
        self, cause: str, shard: int, ids: Sequence[str], today: date
    ) -> tuple[_Proofs, set[str]]:
        """The proofs of those that are clean, and those that nobody may heal."""
        proofs: _Proofs = {}
        untouchable: set[str] = set()
        if "" in ids and (proof := self._shard_proof(cause, shard, today)):
            proofs[shard, ""] = proof
        others = [one for one in ids if one and not is_account(one)]
        for stream_id in others:
            if not any(verify_streams(self._log, [stream_id])):
                proofs[shard, stream_id] = {"says": "every digest fits its event"}
        untouchable.update(others)
        accounts = [one for one in ids if one and is_account(one)]
        found = []
        for look in looks_at(self._log, accounts, today, self._display):
            if look.cause is None:
                proofs[shard, look.account_id] = look.evidence
            elif look.is_tampered:
                untouchable.add(look.account_id)
                found.append(Suspect(look.cause, shard, look.account_id, look.evidence))
        self._note(found)
        return proofs, untouchable

    def _shard_proof(self, cause: str, shard: int, today: date) -> dict[str, Any] | None:
        """What shows that a shard as a whole is clean; None if it is not."""
        checkpoints = self._live()
        if checkpoints is None:
            return None
        if cause == Cause.LEDGER_TAMPERED.value and any(positions_of(self._log, shard)):
            return None
        [point] = [one for one in checkpoints if one.shard == shard]
        gauge = self._gauge()
        if any(gauge.lagging([point])) or not gauge.is_rolled(point, today):
            return None
        return {
            "says": "no event waits for longer than is allowed, no account is left behind",
            "position": point.position,
            "head": next(h.position for h in self._log.heads() if h.shard == shard),
            "rolled_to": point.rolled_to,
            "moved_at": point.moved_at,
            "generation": point.generation,
        }

    def _apply(self, remedy: Remedy, shard: int, ids: Sequence[str], today: date) -> str:
        """Do it, and say what came of it.  What cannot be done is an answer too."""
        try:
            match remedy:
                case Remedy.HEAL | Remedy.RETRY_QUARANTINE:
                    steps = self._projector.heal([one for one in ids if one], today)
                    failed = sum(step.quarantined for step in steps)
                    return f"folded again, {failed} in quarantine"
                case Remedy.FOLLOW:
                    while self._projector.follow(shard, today) is not None:
                        pass
                    return "the log was followed to its end"
                case Remedy.ROLL:
                    rolled = sum(s.accounts for s in self._projector.roll(shard, today))
                    return f"rolled to {today}, {rolled} accounts changed"
                case Remedy.PURGE_CACHE:
                    display = self._display
                    places = sum(display.purge(one, today) for one in ids) if display else 0
                    return f"{places} places of the cache were emptied"
        except (OtherGeneration, StoreAway) as error:
            return f"it could not be done: {error}"

    # Measuring

    def _gauge(self) -> Gauge:
        return Gauge(self._pool, self._log, self._policy.lag_max, self._clock())

    def _live(self) -> list[Checkpoint] | None:
        """The checkpoints of the live generation; None where other code makes its rows."""
        return [one for one in self._projector.own_checkpoints() if one.is_live] or None

    def _not_switched(self) -> list[Suspect]:
        """A generation of this code that is built and waits for somebody to switch to it."""
        return [
            Suspect(
                Cause.GENERATION_NOT_SWITCHED.value,
                one.shard,
                "",
                {"generation": one.generation, "remedy": "duebook rebuild"},
            )
            for one in self._projector.own_checkpoints()
            if one.is_built
        ]

    def _is_roll_time(self, checkpoints: Sequence[Checkpoint], today: date) -> bool:
        """A day that has only just begun may be rolled yet; one before it should have been."""
        since = self._since_midnight()
        if since is None or since > self._policy.roll_max:
            return True
        before = today - timedelta(days=1)
        return any(one.rolled_to is not None and one.rolled_to < before for one in checkpoints)

    def _quarantined(self) -> list[Suspect]:
        return [
            Suspect(
                Cause.QUARANTINED.value,
                row["shard"],
                row["account_id"],
                {
                    "error": row["error"],
                    "failed_topic": row["failed_topic"],
                    "failed_position": row["failed_position"],
                    "since": row["since"],
                },
            )
            for row in self._reader.quarantined()
        ]

    def _note(self, suspects: Sequence[Suspect]) -> None:
        for number in self._record.note(suspects) if suspects else ():
            _logger.warning(
                "incident_opened",
                incident=number,
                remedy=f"duebook incidents show {number} has the evidence",
            )
