"""Whoever repeats until he is answered has everything once: through cuts, time-outs and kills."""

from app.wiring import App
from tests.api.hammer import hammered
from tests.api.long_batch import PAYMENTS_PER_ACCOUNT, killed_and_sent_again
from tests.api.serving import Served

LINES = 20_000


def test_eight_clients_through_a_cutting_proxy(ledger: App, served: Served) -> None:
    outcome = hammered(ledger, served, clients=8, seconds=4, seed=3)
    assert outcome.acknowledged > 50
    assert outcome.cuts > 5
    assert (outcome.lost, outcome.doubled) == ([], [])
    # Whoever gave up wrote nothing down: with a deadline of a minute nobody did.
    assert outcome.recorded == outcome.acknowledged


def test_a_batch_that_a_kill_tore_is_sent_again(ledger: App) -> None:
    first, again = killed_and_sent_again(ledger, LINES)
    assert first.end is None
    assert LINES // 2 <= first.answered < LINES
    assert again.answered == LINES
    assert again.end is not None
    assert again.end["recorded"] + again.end["retries"] == LINES
    assert again.end["retries"] >= first.answered
    accounts = [f"long-{number}" for number in range(LINES // (PAYMENTS_PER_ACCOUNT + 1))]
    versions = [head.version for head in ledger.log.versions(accounts).values()]
    assert versions == [PAYMENTS_PER_ACCOUNT + 1] * len(accounts)
    assert max(again.memory) < 1.5 * again.memory[0], "the server keeps nothing of it"
