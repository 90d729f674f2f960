"""The drill of causes: every one is named and healed at once; and it notices what is not."""

import json
from pathlib import Path

from app.drill.causes import CauseDrill, prepared
from app.faults import INJECTIONS
from app.faults.views import drifted
from app.settings import Settings
from projections.diagnosis import Cause
from tests.system.helpers import living_of, new_home
from tests.system.test_drill import drill_home, duebook


def test_every_cause_is_named_and_healed_and_nobody_else_is_named() -> None:
    with drill_home() as home:
        ran = duebook(home, "drill", "--accounts", "200", "--each", "2", "--seed", "5", "--json")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert living_of(home) == []
    told = json.loads(ran.stdout)
    causes = {cause.value: {cause.value: 2} for cause in INJECTIONS}
    well = told["accounts"] - 2 * (len(INJECTIONS) - 1)
    assert told["matrix"] == causes | {"well": {"well": well}}
    assert (told["wrong"], told["remedies_failed"], told["still_ill"]) == ([], [], [])
    assert told["asked_again"] == told["accounts"] + 2, "with those that were handed in"


def test_a_drill_that_is_spoiled_does_not_pass() -> None:
    """One account more is broken than the drill knows of."""
    with drill_home() as home, prepared(Settings(home=home), seed=9, accounts=80, each=1) as drill:
        _break_one_more(drill)
        outcome = drill.run()
    assert not outcome.is_passed
    [wrong] = outcome.wrong
    assert (wrong.injected, wrong.named) == ("well", "drifted")
    assert wrong.account_id in {one.account_id for one in outcome.still_ill}
    assert any("duebook rebuild" in said for said in outcome.remedies_failed), "it would change it"


def _break_one_more(drill: CauseDrill) -> None:
    """After the accounts were drawn by lot, from those that were not."""
    chosen = drill._chosen

    def and_one_more(accounts: list[str]) -> dict[Cause, list[str]]:
        found = chosen(accounts)
        taken = {account for those in found.values() for account in those}
        left = (one for one in accounts if one not in taken)
        drifted(drill.site, next(one for one in left if drill.site.ask(one).cause == "shown"))
        return found

    drill._chosen = and_one_more  # type: ignore[method-assign,assignment]  # Of this one drill.


def test_too_few_accounts_for_all_causes_are_refused() -> None:
    with drill_home() as home:
        ran = duebook(home, "drill", "causes", "--accounts", "20", "--seed", "1")
    assert ran.returncode == 2
    assert "Ask for more accounts, or for fewer of each cause with --each" in ran.stderr


def test_faults_come_and_go_by_command() -> None:
    with new_home() as home:
        ledger = _Ledger(home)
        ledger.run("init", "--drills")
        ledger.run("append", "A-1", "account.opened", "borrower_ref=B-1", "currency=CNY",
                   "effective_on=2026-01-01")  # fmt: skip
        ledger.run("append", "A-1", "draw.made", "draw_id=D-1", "amount=300.00",
                   "effective_on=2026-01-05", "terms.method=interest_free", "terms.term_count:=3",
                   "terms.first_due_on=2026-02-05")  # fmt: skip
        ledger.run("heal", "A-1")
        said = ledger.run("fault", "inject", "drifted", "--account", "A-1")
        assert "fault 1: drifted in A-1 (rows lost); ask duebook diagnose A-1" in said
        named = json.loads(ledger.run("diagnose", "A-1", "--json"))
        assert named["cause"] == "drifted"
        ledger.run(*named["of"]["finding"]["remedy"].split()[1:])
        assert json.loads(ledger.run("diagnose", "A-1", "--json"))["cause"] == "shown"
        ledger.run("fault", "inject", "ledger_tampered", "--account", "A-1")
        assert ledger.run("diagnose", "A-1").splitlines()[1].startswith("ledger_tampered")
        assert "mended 1 fault" in ledger.run("fault", "mend")
        assert "0 findings in the log" in ledger.run("verify")
        listed = json.loads(ledger.run("fault", "list", "--json"))["faults"]
        assert [one["injected"]["cause"] for one in listed] == ["drifted", "ledger_tampered"]


def test_a_ledger_that_was_made_without_drills_takes_no_faults() -> None:
    with new_home() as home:
        ledger = _Ledger(home)
        ledger.run("init")
        refused = duebook(home, "fault", "inject", "drifted", "--account", "A-1")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "this ledger was made without drills, for good" in refused.stderr
        changed = duebook(home, "init", "--drills")
        assert changed.returncode == 2
        assert "no fault may ever be injected into it" in changed.stderr


class _Ledger:
    """A ledger on the 20th of February, by its commands."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def run(self, *words: str) -> str:
        ran = duebook(self._home, *words, today="2026-02-20")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout
