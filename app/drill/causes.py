"""The drill of causes: every cause of the diagnosis at once, in one ledger that is at work.

Each is injected into some accounts, the rest stays well.  All accounts are asked; whoever is named
for another cause than his own, or at all although he is well, spoils the drill.  Then every remedy
is run as its diagnosis names it, the outside world does its part, and nobody may be ill any more.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

from app.drill.facts import TODAY
from app.drill.folder import DrillRefused, drill_settings, make_anew
from app.drill.remedies import RemedyFailed, run
from app.faults import INJECTIONS, WAYS, Injected, Look, Site
from app.faults.listing import Listed, keep, mend
from app.faults.opening import site_of
from app.founding import make_ledger
from app.sample import portfolio, write
from app.settings import Settings
from app.supervisor import Supervisor
from app.wiring import App, now, opened
from projections.diagnosis import Cause, Diagnosis
from projections.diagnosis.verdict import Finding

SHARDS = 8
WELL = "well"
#: Until everything is projected and rolled.
PATIENCE_SECONDS = 600.0
#: Samples are verified, and healed, every five minutes: what is injected must be asked before.
SAMPLING_MINUTES = 5
ROOM_SECONDS = 60
#: What could not be checked (Redis was busy) is asked again so often.
ASKED_AGAIN = 3

#: Causes by when they are injected: facts first, for they must be projected; then what is broken
#: in views, cache and log; last the projectors that are held.
FACTS = (
    Cause.NOT_RECORDED, Cause.NOT_OVERDUE, Cause.KNOWN_LATER, Cause.WITHHELD_BY_POLICY,
    Cause.CLIENT_TOO_OLD,
)  # fmt: skip
HELD = (Cause.NOT_PROJECTED,)
BROKEN = tuple(cause for cause in INJECTIONS if cause not in (*FACTS, *HELD))


@dataclass(frozen=True, slots=True)
class Wrong:
    """An account that was named for something else than what was injected."""

    account_id: str
    injected: str
    how: str
    named: str
    noticed: list[str]
    incomplete: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the drill came to."""

    accounts: int
    #: Accounts of each cause.
    each: int
    #: By the cause injected and the cause named: how many accounts.
    matrix: Mapping[str, Mapping[str, int]]
    wrong: list[Wrong]
    #: Commands that diagnoses named and that were run, and those that failed.
    remedies_run: int
    remedies_failed: list[str]
    #: Asked again after the remedies: who is still not well.
    asked_again: int
    still_ill: list[Wrong]
    seconds: float

    @property
    def is_passed(self) -> bool:
        """Whether the matrix is diagonal, every remedy healed, and nobody is ill any more."""
        return not (self.wrong or self.remedies_failed or self.still_ill)


class CauseDrill:
    """A ledger at work with a healthy portfolio.  Made by `prepared`."""

    def __init__(self, app: App, site: Site, lots: Random, each: int) -> None:
        self.app = app
        self.site = site
        self._lots = lots
        self._each = each

    def run(self, say: Callable[[str], None] = lambda _: None) -> Outcome:
        """Inject, ask, heal, ask again."""
        began = time.monotonic()
        accounts = _all_accounts(self.app)
        say(f"injecting {len(INJECTIONS)} causes into {self._each} accounts each")
        faults = self._inject(accounts)
        say("asking every account")
        findings, matrix, wrong = self._ask_all(faults, accounts)
        say("running the remedies")
        ran, failed = self._heal(faults, findings)
        say("asking every account again")
        again = sorted({*accounts, *(one.injected.account_id for one in faults)})
        ill = [*self._still_ill(faults, findings), *self._ill(again)]
        return Outcome(
            accounts=len(accounts), each=self._each, matrix=matrix, wrong=wrong, remedies_run=ran,
            remedies_failed=failed, asked_again=len(again), still_ill=ill,
            seconds=round(time.monotonic() - began, 1),
        )  # fmt: skip

    def _inject(self, accounts: Sequence[str]) -> list[Listed]:
        chosen = self._chosen(accounts)
        faults = [self._inject_one(cause, one) for cause in FACTS for one in chosen[cause]]
        self._wait()
        _away_from_the_sampling()
        for causes in (BROKEN, HELD):
            faults += [self._inject_one(cause, one) for cause in causes for one in chosen[cause]]
        return faults

    def _inject_one(self, cause: Cause, account_id: str) -> Listed:
        """Where there are several ways, one of them by lot."""
        ways = WAYS.get(cause)
        if ways is None:
            return keep(self.site, INJECTIONS[cause](self.site, account_id))
        injection, hows = ways
        return keep(self.site, injection(self.site, account_id, self._lots.choice(sorted(hows))))

    def _chosen(self, accounts: Sequence[str]) -> dict[Cause, list[str]]:
        """For each cause its accounts, drawn by lot from those that are overdue."""
        listed = self.app.reader.overdue(self.site.today, len(accounts)).readings
        overdue = sorted(one.account_id for one in listed)
        self._lots.shuffle(overdue)
        causes = [cause for cause in INJECTIONS if cause is not Cause.NOT_RECORDED]
        if len(overdue) < self._each * len(causes):
            raise DrillRefused(
                f"Asked for {self._each} accounts of each of {len(causes)} causes, but only"
                f" {len(overdue)} of {len(accounts)} accounts are overdue.  Ask for more accounts,"
                " or for fewer of each cause with --each."
            )
        left = iter(overdue)
        chosen: dict[Cause, list[str]] = {
            cause: [next(left) for _ in range(self._each)] for cause in causes
        }
        chosen[Cause.NOT_RECORDED] = [f"unknown-{n:03}" for n in range(1, self._each + 1)]
        return chosen

    def _ask_all(
        self, faults: Sequence[Listed], accounts: Sequence[str]
    ) -> tuple[dict[int, Finding | None], dict[str, dict[str, int]], list[Wrong]]:
        """First those that are ill, before anything heals them by itself; then the others."""
        counts: Counter[tuple[str, str]] = Counter()
        findings: dict[int, Finding | None] = {}
        wrong = []
        for fault in faults:
            one = fault.injected
            answer = self._answer(one.account_id, one.look)
            findings[fault.number] = answer.finding
            counts[one.cause, answer.cause] += 1
            if answer.cause != one.cause:
                wrong.append(_wrong(one.account_id, one.cause, one.how, answer))
        ill = {one.injected.account_id for one in faults}
        for account_id in accounts:
            if account_id not in ill:
                answer = self._answer(account_id)
                counts[WELL, WELL if answer.is_healthy else answer.cause] += 1
                if not answer.is_healthy:
                    wrong.append(_wrong(account_id, WELL, "", answer))
        rows = [*(cause.value for cause in INJECTIONS), WELL]
        matrix = {
            row: {named: count for (injected, named), count in counts.items() if injected == row}
            for row in rows
        }
        return findings, matrix, wrong

    def _heal(
        self, faults: Sequence[Listed], findings: Mapping[int, Finding | None]
    ) -> tuple[int, list[str]]:
        """Run what the diagnoses name, each command once; between them the outside world does its
        part.  `verify` is the proof that a backup was restored.  A rebuild makes every row anew: it
        comes last, or it would do the work of the others, and it switches only if nothing changes.
        """
        commands: dict[str, Listed] = {}
        for fault in faults:
            finding = findings[fault.number]
            if finding is not None and finding.remedy and "..." not in finding.remedy:
                commands.setdefault(finding.remedy, fault)
        verbs = {command: command.split()[1] for command in commands}
        late = [one for verb in ("verify", "rebuild") for one in commands if verbs[one] == verb]
        failed = self._run({c: fault for c, fault in commands.items() if c not in late})
        failed += self._still_there(faults, _HEALED_BY_COMMAND)
        mend(self.site, faults)
        self._wait()
        failed += self._run({command: commands[command] for command in late})
        failed += self._still_there(faults, {Cause.GENERATION_NOT_SWITCHED.value})
        return len(commands), failed

    def _run(self, commands: Mapping[str, Listed]) -> list[str]:
        """Those that failed, though what they are for is still there: workers heal too."""
        failed = []
        for command, fault in commands.items():
            try:
                run(self.app.settings, command)
            except RemedyFailed as error:
                if "verify" in command or self._still_there([fault], {fault.injected.cause}):
                    failed.append(str(error))
        return failed

    def _still_there(self, faults: Sequence[Listed], causes: Set[str]) -> list[str]:
        return [
            f"{fault.injected.cause} of {fault.injected.account_id} is still there"
            for fault in faults
            if fault.injected.cause in causes
            and self._answer(fault.injected.account_id).cause == fault.injected.cause
        ]

    def _still_ill(
        self, faults: Sequence[Listed], findings: Mapping[int, Finding | None]
    ) -> Iterator[Wrong]:
        """Those who looked in a way of their own look again, as the remedy told them."""
        for fault in faults:
            one = fault.injected
            if one.look == Look() or one.cause == Cause.KNOWN_LATER.value:
                continue
            answer = self._answer(one.account_id, _looking_anew(one, findings[fault.number]))
            if not answer.is_healthy:
                yield _wrong(one.account_id, one.cause, one.how, answer)

    def _ill(self, accounts: Sequence[str]) -> Iterator[Wrong]:
        for account_id in accounts:
            answer = self._answer(account_id)
            if not answer.is_healthy:
                yield _wrong(account_id, WELL, "", answer)

    def _answer(self, account_id: str, look: Look | None = None) -> Diagnosis:
        answer = self.site.ask(account_id, look)
        for _ in range(ASKED_AGAIN):
            if not answer.incomplete or (look is not None and look.known_at is not None):
                break
            answer = self.site.ask(account_id, look)
        return answer

    def _wait(self) -> None:
        wait_until("everything is projected and rolled", lambda: _is_up_to_date(self.app))


#: What must be gone by the command alone, before anybody outside does anything.
_HEALED_BY_COMMAND = {
    cause.value
    for cause in (
        Cause.NOT_PROJECTED, Cause.QUARANTINED, Cause.DAY_NOT_ROLLED, Cause.DRIFTED,
        Cause.STALE_CACHE,
    )
}  # fmt: skip


@contextmanager
def prepared(base: Settings, *, seed: int, accounts: int, each: int) -> Iterator[CauseDrill]:
    """A fresh ledger for drills with a portfolio and workers, all of it caught up."""
    settings = drill_settings(base)
    make_anew(settings.home)
    make_ledger(settings, shards=SHARDS, ledger_id=UUID(int=seed), created_at=now(), drills=True)
    with (
        opened(settings, needs_redis=True) as app,
        (settings.home / "workers.log").open("wb") as workers_log,
    ):
        facts = portfolio(Random(seed), seed, accounts, TODAY)
        write(app.books, facts, with_recorded_times=True, progress=lambda _: None)
        app.log.open(TODAY)
        with Supervisor(settings, reports=workers_log):
            drill = CauseDrill(app, site_of(app), Random(seed), each)
            wait_until("the portfolio is projected", lambda: _is_up_to_date(app))
            yield drill


def wait_until(what: str, holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Look until it holds.  Raises `DrillRefused` where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise DrillRefused(f"After {seconds:g} s still not: {what}.  See workers.log.")
        time.sleep(0.1)


def _away_from_the_sampling() -> None:
    """Workers verify samples at fixed minutes, and would heal what is about to be asked."""
    into = now().timestamp() % (SAMPLING_MINUTES * 60)
    left = SAMPLING_MINUTES * 60 - into
    if left < ROOM_SECONDS:
        time.sleep(left + 5)


def _is_up_to_date(app: App) -> bool:
    heads = {head.shard: head.position for head in app.log.heads()}
    return all(
        one.position >= heads[one.shard] and one.rolled_to == app.today()
        for one in app.projector.checkpoints()
    )


def _all_accounts(app: App) -> list[str]:
    return [account for shard in range(app.log.shards) for account in app.reader.account_ids(shard)]


def _looking_anew(fault: Injected, finding: Finding | None) -> Look:
    """How he looks once he has done what he was told."""
    if fault.cause == Cause.CLIENT_TOO_OLD.value and finding is not None:
        return replace(fault.look, version=str(finding.evidence[0].data["needed"]))
    return Look(sees=(fault.account_id,))


def _wrong(account_id: str, injected: str, how: str, answer: Diagnosis) -> Wrong:
    noticed = [one.cause.value for one in answer.noticed]
    return Wrong(account_id, injected, how, answer.cause, noticed, list(answer.incomplete))


def document(outcome: Outcome) -> dict[str, Any]:
    """The outcome for programs."""
    return {
        "is_passed": outcome.is_passed,
        **{name: getattr(outcome, name) for name in outcome.__dataclass_fields__},
    }
