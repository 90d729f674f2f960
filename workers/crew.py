"""What workers do.  Every duty may run twice, late, or never: the tick calls for it again.

A duty does a bounded piece and then rings for the rest, so that a stop never waits long, and a
large shard does not keep the others waiting.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from random import Random

import structlog

from ledger.log.log import Log
from projections.projector import Checkpoint, Projector, Step, is_account
from projections.verification import Difference, differences
from workers.assessments import Assessments
from workers.doorbell import Doorbell
from workers.rebuilds import Rebuilds

#: Steps of a projector that one message may take.
STEPS_MAX = 10
#: Events whose accounts are compared with replay, of each shard at each sample.
SAMPLE_EVENTS = 100

_logger = structlog.get_logger(__name__)


class Crew:
    """The duties over one ledger.  Safe to share between threads."""

    def __init__(
        self,
        log: Log,
        projector: Projector,
        rebuilds: Rebuilds,
        assessments: Assessments,
        doorbell: Doorbell,
        today: Callable[[], date],
        lots: Random,
    ) -> None:
        self._log = log
        self._projector = projector
        self._rebuilds = rebuilds
        self._assessments = assessments
        self._doorbell = doorbell
        self._today = today
        self._lots = lots

    def tick(self) -> None:
        """Find what is owed, whether or not a message said so, and call for it."""
        today = self._today()
        heads = {head.shard: head.position for head in self._log.heads()}
        for checkpoint in self._projector.checkpoints():
            if checkpoint.position < heads[checkpoint.shard]:
                self._doorbell.call("follow_shard", checkpoint.shard)
            if not _is_rolled(checkpoint, today):
                self._doorbell.call("roll_shard", checkpoint.shard)
        for shard in self._rebuilds.owed():
            self._doorbell.call("rebuild_shard", shard)
        for shard in self._assessments.owed(today):
            self._doorbell.call("assess_shard", shard)
        self._projector.retry_quarantined(today)

    def follow_shard(self, shard: int) -> None:
        """Project what the log of a shard has new."""
        for _ in range(STEPS_MAX):
            step = self._projector.follow(shard, self._today())
            if step is None:
                return
            _report(step)
        self._doorbell.call("follow_shard", shard)

    def roll_day(self) -> None:
        """Bring every shard to today."""
        for shard in range(self._log.shards):
            self._doorbell.call("roll_shard", shard)

    def roll_shard(self, shard: int) -> None:
        """Bring a shard to today; the days that were missed are made up."""
        for steps, step in enumerate(self._projector.roll(shard, self._today()), start=1):
            _report(step)
            if steps == STEPS_MAX:
                self._doorbell.call("roll_shard", shard)
                return

    def assess_day(self) -> None:
        """Assess the penalties of every shard up to today."""
        for shard in range(self._log.shards):
            self._doorbell.call("assess_shard", shard)

    def assess_shard(self, shard: int) -> None:
        """Charge what the terms call for; days that were missed, and facts found later, count."""
        if self._log.phase == "loading":
            return  # A charge has the time of its making; no history could come in behind it.
        for steps, step in enumerate(self._assessments.assess(shard, self._today()), start=1):
            if step.taken:
                self._doorbell.ring([shard])
            for account_id, reason in step.failures:
                _logger.warning("not_assessed", account=account_id, reason=reason)
            if steps == STEPS_MAX:
                self._doorbell.call("assess_shard", shard)
                return

    def rebuild_shard(self, shard: int) -> None:
        """Make the next rows of a shard again, if its rebuild is owed and nobody is at it."""
        with self._rebuilds.turn(shard) as rebuild:
            if rebuild is None:
                return
            steps = self._projector.rebuild(shard, self._today(), rebuild.after)
            for count, (step, after) in enumerate(steps, start=1):
                _report(step)
                rebuild.move(after)
                if count == STEPS_MAX:
                    break
            else:
                rebuild.finish()
                return
        self._doorbell.call("rebuild_shard", shard)

    def verify_sample(self) -> None:
        """Compare some accounts with replay; say what differs, and heal it."""
        today = self._today()
        heads = {head.shard: head.position for head in self._log.heads()}
        for checkpoint in self._projector.checkpoints():
            shard, position = checkpoint.shard, heads[checkpoint.shard]
            if checkpoint.position < position or not _is_rolled(checkpoint, today):
                _logger.info("sample_not_verified", shard=shard, reason="the shard is behind")
            elif position:
                after = self._lots.randrange(position)
                sample, _ = self._log.changed_streams(shard, after, SAMPLE_EVENTS)
                self._verify(shard, [one for one in sample if is_account(one)], today)

    def _verify(self, shard: int, account_ids: Sequence[str], today: date) -> None:
        suspects = _accounts(differences(self._log, account_ids, today))
        if suspects:
            # An account that was written to a moment ago is late, not wrong: look again.
            self.follow_shard(shard)
            found = list(differences(self._log, suspects, today))
            for one in found:
                _logger.warning(
                    "view_differs", account=one.account_id, view=one.view, problem=one.problem
                )
            for step in self._projector.heal(_accounts(found), today):
                _logger.info("healed", shard=step.shard, accounts=step.accounts)
                _report(step)


def _is_rolled(checkpoint: Checkpoint, today: date) -> bool:
    return checkpoint.rolled_to is not None and checkpoint.rolled_to >= today


def _accounts(found: Iterable[Difference]) -> list[str]:
    return list(dict.fromkeys(one.account_id for one in found))


def _report(step: Step) -> None:
    if step.quarantined:
        _logger.warning(
            "accounts_quarantined",
            shard=step.shard,
            accounts=step.quarantined,
            remedy="duebook quarantine lists them with the reason",
        )
