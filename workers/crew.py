"""What workers do.  Every duty may run twice, late, or never: the tick calls for it again.

A duty does a bounded piece and then rings for the rest, so that a stop never waits long, and a
large shard does not keep the others waiting.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from random import Random

import structlog

from ledger.log.log import Log
from projections.generations import GenerationRefused
from projections.projector import Checkpoint, OtherGeneration, Projector, Step
from workers.assessments import Assessments
from workers.doorbell import Doorbell
from workers.monitor import Monitor, Webhook
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
        monitor: Monitor | None,
        webhook: Webhook | None,
        today: Callable[[], date],
        lots: Random,
        forget_receipts: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._log = log
        self._projector = projector
        self._rebuilds = rebuilds
        self._assessments = assessments
        self._doorbell = doorbell
        self._monitor = monitor
        self._webhook = webhook
        self._today = today
        self._lots = lots
        #: Removes what is older than the retention; whoever has the rights of the owner gives it.
        self._forget_receipts = forget_receipts

    def tick(self) -> None:
        """Find what is owed, whether or not a message said so, and call for it."""
        today = self._today()
        heads = {head.shard: head.position for head in self._log.heads()}
        for checkpoint in self._projector.own_checkpoints():
            if checkpoint.position < heads[checkpoint.shard]:
                self._doorbell.call("follow_shard", checkpoint.shard)
            if not _is_rolled(checkpoint, today):
                self._doorbell.call("roll_shard", checkpoint.shard)
        begun = self._rebuilds.begin_newer(today)
        if begun is not None:
            _logger.info("generation_begun", generation=begun.number, recipe=dict(begun.recipe))
        for shard in self._rebuilds.owed():
            self._doorbell.call("rebuild_shard", shard)
        for shard in self._assessments.owed(today):
            self._doorbell.call("assess_shard", shard)
        if self._rebuilds.waits_for_workers():
            self._doorbell.call("finish_rebuild")
        self._projector.retry_quarantined(today)
        if self._monitor is not None:
            self._call_for_the_monitor(self._monitor, today)

    def _call_for_the_monitor(self, monitor: Monitor, today: date) -> None:
        for shard in monitor.passes.owed(today):
            self._doorbell.call("watch_shard", shard)
        if monitor.has_patients():
            self._doorbell.call("attend_incidents")
        if self._webhook is not None and monitor.outbox.is_due():
            self._doorbell.call("tell_incidents")

    def follow_shard(self, shard: int) -> None:
        """Project what the log of a shard has new, into every generation of this code."""
        for generation in self._projector.generations(shard):
            with _if_it_stands():
                for _ in range(STEPS_MAX):
                    step = self._projector.follow(shard, self._today(), generation)
                    if step is None:
                        break
                    _report(step)
                else:
                    self._doorbell.call("follow_shard", shard)

    def roll_day(self) -> None:
        """Bring every shard to today."""
        for shard in range(self._log.shards):
            self._doorbell.call("roll_shard", shard)

    def roll_shard(self, shard: int) -> None:
        """Bring a shard to today; the days that were missed are made up."""
        for generation in self._projector.generations(shard):
            steps = self._projector.roll(shard, self._today(), generation)
            with _if_it_stands():
                for count, step in enumerate(steps, start=1):
                    _report(step)
                    if count == STEPS_MAX:
                        self._doorbell.call("roll_shard", shard)
                        break

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
        """Build the next chunk of a shard, if one is owed that nobody is at."""
        with _if_it_stands():
            step = self._rebuilds.build(self._projector, shard, self._today())
            if step is not None:
                _report(step)
                self._doorbell.call("rebuild_shard", shard)

    def finish_rebuild(self) -> None:
        """Compare a generation that is built with the live one, and switch if that is agreed to."""
        today = self._today()
        with self._rebuilds.turn_to_switch(wait=False) as built:
            if built is None or built.consent == "withheld":
                return
            report = self._rebuilds.compare(self._log, self._projector, built, today)
            if report.is_equal or built.consent == "given":
                self._switch(built.number, today)
            else:
                _logger.warning(
                    "generation_waits",
                    generation=built.number,
                    changed=report.changed,
                    removed=report.removed,
                    remedy="duebook rebuild shows what would change, and switches if told to",
                )

    def _switch(self, generation: int, today: date) -> None:
        try:
            self._rebuilds.generations.switch(self._projector, generation, today)
        except GenerationRefused as error:
            # To try again at each tick would compare all rows again; a command will say it too.
            self._rebuilds.withhold(generation)
            _logger.warning("generation_refused", generation=generation, error=str(error))
        else:
            _logger.info("generation_live", generation=generation)

    def verify_sample(self) -> None:
        """Measure every shard, compare some of its accounts with replay, and attend to what is
        found.
        """
        monitor, today = self._monitor, self._today()
        if monitor is None:
            return
        monitor.measure(today)
        heads = {head.shard: head.position for head in self._log.heads()}
        for checkpoint in self._projector.own_checkpoints():
            if not checkpoint.is_live:
                continue
            shard, position = checkpoint.shard, heads[checkpoint.shard]
            if checkpoint.position < position or not _is_rolled(checkpoint, today):
                _logger.info("sample_not_verified", shard=shard, reason="the shard is behind")
            elif position:
                after = self._lots.randrange(position)
                sample, _ = self._log.changed_streams(shard, after, SAMPLE_EVENTS)
                monitor.look_at(shard, sample, today)
        monitor.attend(today)

    def watch_shard(self, shard: int) -> None:
        """Look at the next accounts of the daily pass over everything."""
        if self._monitor is not None:
            self._monitor.go_on(shard, self._today())

    def attend_incidents(self) -> None:
        """Heal what may be healed, and close what is over."""
        if self._monitor is not None:
            self._monitor.attend(self._today())

    def tell_incidents(self) -> None:
        """Send what waits for the receiver of the webhook."""
        if self._webhook is not None:
            self._webhook.deliver()

    def forget_receipts(self) -> None:
        """Remove the months of display receipts that are older than the retention."""
        gone = self._forget_receipts()
        if gone:
            _logger.info("receipts_forgotten", tables=list(gone))


@contextmanager
def _if_it_stands() -> Iterator[None]:
    """A generation that is removed under our hands needs nothing any more."""
    try:
        yield
    except OtherGeneration as error:
        _logger.info("generation_gone", reason=str(error))


def _is_rolled(checkpoint: Checkpoint, today: date) -> bool:
    return checkpoint.rolled_to is not None and checkpoint.rolled_to >= today


def _report(step: Step) -> None:
    if step.quarantined:
        _logger.warning(
            "accounts_quarantined",
            shard=step.shard,
            accounts=step.quarantined,
            remedy="duebook quarantine lists them with the reason",
        )
