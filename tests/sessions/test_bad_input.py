"""What a user can mend ends as one clear sentence and exit code 2, with nothing half done."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.supervisor import environment_of
from app.wiring import App, opened
from tests.lines import drawn, paid, reversed_
from tests.lines import opened as account_opened
from tests.system.helpers import TODAY, found, new_home, settings_of

DUEBOOK = Path(sys.executable).with_name("duebook")

OPENED = '{"account": "A-8", "topic": "account.opened", "effective_on": "2026-01-01"'
OPEN_A_8 = OPENED + ', "borrower_ref": "B", "currency": "CNY"}'


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """A ledger with an account that has a reversed payment, and one that is closed."""
    with new_home() as home:
        settings = settings_of(home)
        found(settings)
        with opened(settings) as made:
            made.books.append_all(
                [
                    account_opened("A-1"),
                    drawn("A-1"),
                    paid("A-1", "P-1", "10.00", "2026-02-05"),
                    reversed_("A-1", "P-1", "2026-02-05"),
                    account_opened("A-closed"),
                ]
            )
            duebook(made, "append", "A-closed", "account.closed")
            yield made


def duebook(app: App, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a user does."""
    return subprocess.run(
        [DUEBOOK, *words],
        env={**os.environ, **environment_of(app.settings)},
        capture_output=True,
        check=False,
    )


def events(app: App) -> int:
    return sum(head.position for head in app.log.heads())


PAYMENT = ["append", "A-1", "payment.received", "payment_id=P-2"]


WRONG_COMMANDS = [
    (["append", "A-9", "payment.received", "payment_id=P", "amount=1.00"], "not open"),
    (["append", "A-1", "payment.teleported"], "topic 'payment.teleported' is unknown"),
    ([*PAYMENT, "amount=1.001"], "has more than the 2 decimals of the currency"),
    ([*PAYMENT, "amount=-1.00"], "amount is negative"),
    ([*PAYMENT, "amount=99999999999999999.00"], "at most 10000000000.00 fits one event"),
    ([*PAYMENT, "amount:=1.5"], "an amount is a decimal string"),
    ([*PAYMENT, "amount:=NaN"], "is no JSON"),
    ([*PAYMENT, "amount=1.00", "effective_on=2025-12-31"], "before the account was opened"),
    ([*PAYMENT, "amount=1.00", "effective_on=31.12.2026"], "effective_on"),
    (
        [*PAYMENT, "amount=1.00", "currency=USD"],
        "the fact is in USD, the account is kept in CNY",
    ),
    ([*PAYMENT, "amount=1.00", "colour=red"], "colour is no field here"),
    (
        ["append", "A-1", "payment.received", "payment_id=P-1", "amount=11.00"],
        "payment:P-1 is already recorded with other content (version 3)",
    ),
    (
        ["append", "A-closed", "payment.received", "payment_id=P", "amount=1.00"],
        "the account was closed on",
    ),
    (
        ["append", "A-1", "payment.reversed", "payment_id=P-9", "reversal_id=R-9"],
        "payment P-9 is not recorded",
    ),
    (
        ["append", "A-1", "payment.reversed", "payment_id=P-1", "reversal_id=R-2"],
        "payment P-1 is already reversed",
    ),
    (["append", "A-1"], "name an account and a topic"),
    (["init", "--shards", "5"], "The ledger has 4 shards"),
    (["overdue", "A-9"], "account 'A-9' has no events"),
    (["replay", "A-9"], "account 'A-9' has no events"),
    (["heal", "A-9"], "account 'A-9' has no events"),
    (["explain", "A-9"], "account 'A-9' has no events"),
    (["quote", "A-9"], "account 'A-9' has no events"),
    (["quote", "A-1", "--draw", "D-9"], "Draw D-9 was asked for; the account has made D-1 by"),
    ([*PAYMENT, "amount=1.00", "intent=settle"], "intent settle names its draw; write draw_id"),
    (
        [*PAYMENT, "amount=299.99", "intent=settle", "draw_id=D-1"],
        f"settling draw D-1 on {TODAY} takes 300.00; 299.99 was paid",
    ),
    (["quarantine", "retry", "A-1"], "A-1 is not in quarantine"),
    (["rebuild", "--shard", "9"], "there is no shard 9"),
    (["import", "nowhere.ndjson"], "nowhere.ndjson"),
    (["simulate", "nowhere.json"], "nowhere.json"),
]


@pytest.mark.parametrize(
    ("words", "sentence"),
    WRONG_COMMANDS,
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_a_wrong_command(app: App, words: list[str], sentence: str) -> None:
    before = events(app)
    done = duebook(app, *words)
    said = done.stderr.decode().strip()
    assert done.returncode == 2, said
    assert said.startswith("duebook: ")
    assert len(said.splitlines()) == 1, said
    assert sentence in said
    assert events(app) == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (OPEN_A_8.encode() + b'\n{"account": "A-8", "topic": "account.cl', b"is no JSON"),
        (OPEN_A_8.encode().replace(b'"B"', b'"\xff\xfe"'), b"is no JSON"),
        (OPEN_A_8.replace('"B"', "NaN").encode(), b"is no JSON"),
        (b"[]", b"a line is one JSON object"),
    ],
    ids=["torn", "not UTF-8", "NaN", "no object"],
)
def test_a_wrong_file_appends_nothing(
    app: App, tmp_path: Path, content: bytes, sentence: bytes
) -> None:
    before = events(app)
    file = tmp_path / "facts.ndjson"
    file.write_bytes(content)
    done = duebook(app, "append", "--file", str(file))
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert events(app) == before


def test_a_schema_from_a_newer_version(app: App) -> None:
    with psycopg.connect(app.engines.database_url) as conn:
        conn.execute("INSERT INTO duebook_migrations (name) VALUES ('9999_post_from_the_future')")
    try:
        done = duebook(app, "overdue", "A-1")
        assert done.returncode == 2
        assert b"a newer version made them. Upgrade duebook." in done.stderr
    finally:
        with psycopg.connect(app.engines.database_url) as conn:
            conn.execute("DELETE FROM duebook_migrations WHERE name = '9999_post_from_the_future'")


def test_a_database_that_does_not_answer(app: App) -> None:
    nobody = "postgresql:///duebook?host=/nowhere"
    environment = {**os.environ, **environment_of(app.settings), "DUEBOOK_DATABASE_URL": nobody}
    done = subprocess.run(
        [DUEBOOK, "overdue", "A-1"], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1), done.stderr
    assert str(TODAY.year).encode() not in done.stdout
