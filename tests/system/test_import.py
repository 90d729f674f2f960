"""`duebook import` on native lines: each is taken, a retry or refused, whatever happens."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.founding import make_derived
from app.importing.findings import Finding, ImportUnusable
from app.importing.job import Outcome, Request, Viewer, import_files, rehearse_files
from app.importing.progress import Progress, ProgressFile
from ledger.books import Books
from ledger.log.log import Log
from ledger.log.records import Recorded
from tests.conftest import SHARDS


def now() -> datetime:
    return datetime.now(UTC)


def opened(account: str, **fields: Any) -> dict[str, Any]:
    return {
        "account": account,
        "topic": "account.opened",
        "effective_on": "2010-01-01",
        "borrower_ref": "B-1",
        "currency": "USD",
        **fields,
    }


def paid(account: str, payment_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "account": account,
        "topic": "payment.received",
        "effective_on": "2020-02-01",
        "payment_id": payment_id,
        "amount": "10.00",
        **fields,
    }


def portfolio(accounts: int, payments: int) -> list[dict[str, Any]]:
    """Accounts opened in 2010, each paying every month; recorded the day after, in that order."""
    facts = [opened(f"A-{number}", recorded_at="2010-01-02T00:00Z") for number in range(accounts)]
    for month in range(payments):
        day = date(2010 + month // 12, month % 12 + 1, 5)
        facts += [
            paid(
                f"A-{number}",
                f"P-{month}",
                effective_on=f"{day}",
                recorded_at=f"{day}T12:00Z",
            )
            for number in range(accounts)
        ]
    return facts


def ndjson(facts: Iterable[object]) -> bytes:
    return b"".join(json.dumps(fact).encode() + b"\n" for fact in facts)


def recorded(log: Log) -> list[Recorded]:
    """Everything in the log."""
    return [
        event for shard in range(log.shards) for event in log.follow(shard, after=0, limit=100_000)
    ]


class Importer:
    """The import of one ledger, and the findings that it showed."""

    def __init__(self, log: Log, home: Path) -> None:
        self.books = Books(log)
        self.home = home
        self.shown: list[Finding] = []
        self.viewer = Viewer(show=self.shown.append)

    def run(self, *files: Path, **wishes: Any) -> Outcome:
        return import_files(self.books, now, Request(files, **wishes), self.home, self.viewer)

    def rehearse(self, *files: Path, **wishes: Any) -> Outcome:
        return rehearse_files(self.books, now, Request(files, **wishes), self.viewer)


@pytest.fixture
def importer(log: Log, tmp_path: Path) -> Importer:
    return Importer(log, tmp_path / "home")


def file_of(folder: Path, content: bytes, name: str = "facts.ndjson") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_lines_are_taken_in_their_order_per_shard(
    importer: Importer, log: Log, tmp_path: Path
) -> None:
    facts = portfolio(accounts=30, payments=40)
    outcome = importer.run(file_of(tmp_path, ndjson(facts)))
    assert outcome == Outcome(lines=1230, taken=1230, retries=0)
    for shard in range(SHARDS):
        times = [event.recorded_at for event in log.follow(shard, 0, 10_000)]
        assert times
        assert times == sorted(times)


def test_a_whole_import_repeated_changes_nothing(
    importer: Importer, log: Log, tmp_path: Path
) -> None:
    content = ndjson(portfolio(accounts=10, payments=3))
    importer.run(file_of(tmp_path, content))
    before = recorded(log)
    compressed = file_of(tmp_path, gzip.compress(content), "facts.ndjson.gz")
    assert importer.run(compressed) == Outcome(lines=40, taken=0, retries=40)
    assert recorded(log) == before


REFUSED = {
    "account_unknown": paid("A-9", "P-1"),
    "topic_unknown": {**paid("A-1", "P-1"), "topic": "payment.recieved"},
    "field_invalid": {**paid("A-1", "P-1"), "amout": "1.00"},
    "amount_invalid": paid("A-1", "P-1", amount="1.001"),
    "currency_mismatch": paid("A-1", "P-1", currency="EUR"),
    "date_before_account": paid("A-1", "P-1", effective_on="2009-12-31"),
    "payment_unknown": {
        "account": "A-1",
        "topic": "payment.reversed",
        "reversal_id": "R-1",
        "payment_id": "P-9",
    },
    "line_malformed": ["no", "object"],
}


def test_what_cannot_be_taken_is_refused_with_its_line_code_and_reason(
    importer: Importer, log: Log, tmp_path: Path
) -> None:
    lines = [opened("A-1"), *REFUSED.values(), paid("A-1", "P-2")]
    findings = tmp_path / "refused.txt"
    outcome = importer.run(file_of(tmp_path, ndjson(lines)), findings_to=findings)
    assert outcome.refused == dict.fromkeys(REFUSED, 1)
    assert [(f.place, f.code) for f in importer.shown] == [
        (f"line {number}", code) for number, code in enumerate(REFUSED, start=2)
    ]
    assert findings.read_text().splitlines() == [str(finding) for finding in importer.shown]
    assert [event.key for event in recorded(log)] == ["account:opened", "payment:P-2"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"account": "A-1", "topic": "payment.rec', "the file ends inside this line"),
        (b'{"account": "A-1", "topic": "\xff"}\n', "UTF-8"),
        (b'{"amount": NaN}\n', "NaN"),
        (b'"' + b"x" * 2_500_000 + b'"\n', "at most 1000000"),
        (b'{"account": "A-1", "topic": "account.opened", "recorded_at": "2020-01-01"}\n', "zone"),
    ],
    ids=["torn", "not_utf8", "nan", "too_long", "no_zone"],
)
def test_a_line_that_cannot_be_read_says_why_and_harms_no_other(
    importer: Importer, log: Log, tmp_path: Path, line: bytes, says: str
) -> None:
    content = ndjson([opened("A-1")]) + b"\n" + ndjson([paid("A-1", "P-1")]) + line
    outcome = importer.run(file_of(tmp_path, content))
    assert (outcome.taken, sum(outcome.refused.values())) == (2, 1)
    [finding] = importer.shown
    assert finding.place == "line 4"
    assert says in finding.message
    assert len(recorded(log)) == 2


def test_a_last_line_without_end_that_is_whole_is_taken(importer: Importer, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + ndjson([opened("A-1")]).rstrip()
    assert importer.run(file_of(tmp_path, content)) == Outcome(lines=1, taken=1, retries=0)


def test_recorded_times_that_run_backwards_are_refused_by_line(
    importer: Importer, tmp_path: Path
) -> None:
    lines = [
        opened("A-1", recorded_at="2020-03-01T00:00Z"),
        paid("A-1", "P-1", recorded_at="2020-02-01T00:00Z"),
        paid("A-1", "P-2", recorded_at="2020-03-01T00:00Z"),
        paid("A-1", "P-3", recorded_at="2199-01-01T00:00Z"),
    ]
    outcome = importer.run(file_of(tmp_path, ndjson(lines)))
    assert outcome.taken == 2
    assert [(f.place, f.code) for f in importer.shown] == [
        ("line 2", "recorded_time_refused"),
        ("line 4", "recorded_time_refused"),
    ]


def test_an_open_ledger_takes_no_recorded_times_and_says_so(
    importer: Importer, log: Log, tmp_path: Path
) -> None:
    """More lines than the books try again for, and retries are still retries."""
    old = file_of(tmp_path, ndjson(portfolio(accounts=40, payments=1)))
    importer.run(old)
    log.open()
    both = file_of(tmp_path, ndjson(portfolio(accounts=40, payments=2)), "both.ndjson")
    outcome = importer.run(both)
    assert outcome == Outcome(lines=120, taken=0, retries=80, refused={"recorded_time_refused": 40})
    assert all("the ledger is open" in finding.message for finding in importer.shown)
    untimed = file_of(tmp_path, ndjson([paid("A-1", "P-9")]), "untimed.ndjson")
    assert importer.run(untimed).taken == 1


def test_a_dry_run_writes_nothing_and_finds_what_the_import_finds(
    importer: Importer, log: Log, tmp_path: Path
) -> None:
    timed = {"recorded_at": "2010-06-01T00:00Z"}
    lines = [
        *portfolio(accounts=5, payments=4),
        *({**fact, **timed} for fact in REFUSED.values() if isinstance(fact, dict)),
        paid("A-1", "P-0", amount="11.00", **timed),
        paid("A-1", "P-7", recorded_at="2010-05-01T00:00Z"),
        paid("A-1", "P-8", **timed),
        paid("A-1", "P-8", **timed),
        paid("A-1", "P-9", recorded_at="2010-05-02T00:00Z"),
    ]
    path = file_of(tmp_path, ndjson(lines) + b"{")
    foretold = importer.rehearse(path)
    findings, importer.shown[:] = importer.shown[:], []
    assert recorded(log) == []
    assert not importer.home.exists()
    assert importer.run(path) == foretold
    assert importer.shown == findings
    assert foretold.refused["recorded_time_refused"] == 1


def test_a_file_that_is_not_there_or_not_whole_is_one_clear_sentence(
    importer: Importer, tmp_path: Path
) -> None:
    with pytest.raises(ImportUnusable, match=r"there is no file .*nowhere\.ndjson"):
        importer.run(tmp_path / "nowhere.ndjson")
    with pytest.raises(ImportUnusable, match="is a folder"):
        importer.run(tmp_path)
    torn = file_of(tmp_path, gzip.compress(os.urandom(9_999))[:5_000], "torn.ndjson.gz")
    with pytest.raises(ImportUnusable, match="cannot be read"):
        importer.run(torn)


def test_progress_that_does_not_fit_the_log_is_ignored(log: Log, tmp_path: Path) -> None:
    saved = ProgressFile(tmp_path, log, [b"content"])
    fits = Progress(lines=7, taken=7)
    saved.save(fits)
    assert saved.load() == fits
    for stale in (
        Progress(lines=7, taken=7, last_events={"0": (1, "00")}),
        Progress(lines=7, refused={"line_malformed": 1}, refused_bytes=100),
    ):
        saved.save(stale)
        assert saved.load() == Progress()


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """What the command is told: a ledger with its views, and a Redis that nobody needs."""
    make_derived(database_url, SHARDS)
    return {
        **os.environ,
        "DUEBOOK_HOME": str(tmp_path / "home"),
        "DUEBOOK_DATABASE_URL": database_url,
        "DUEBOOK_REDIS_URL": "redis://localhost:1/0",
    }


def command(*arguments: object) -> list[str]:
    return [
        sys.executable, "-c", "from app.cli import main; main()",
        "import", *map(str, arguments),
    ]  # fmt: skip


def run(environment: dict[str, str], *arguments: object, stdin: bytes = b"") -> Any:
    return subprocess.run(
        command(*arguments), env=environment, input=stdin, capture_output=True, timeout=60
    )


def killed_at(environment: dict[str, str], lines: int, arguments: Sequence[object]) -> None:
    """Run the import and kill it as soon as it has dealt with so many lines."""
    folder = Path(environment["DUEBOOK_HOME"]) / "imports"
    with subprocess.Popen(command(*arguments), env=environment) as process:
        while process.poll() is None:
            done = [json.loads(path.read_bytes())["lines"] for path in folder.glob("*.json")]
            if done and done[0] >= lines:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
    assert process.returncode == -signal.SIGKILL


def test_a_killed_import_goes_on_where_it_was_and_doubles_nothing(
    environment: dict[str, str], log: Log, tmp_path: Path
) -> None:
    facts = portfolio(accounts=100, payments=99)
    facts.insert(500, {"account": "A-1", "topic": "no.such"})
    path = file_of(tmp_path, ndjson(facts))
    findings = tmp_path / "refused.txt"
    asked = [path, "--json", "--refused", findings]
    killed_at(environment, 2_000, asked)
    killed_at(environment, 5_000, asked)
    ended = run(environment, *asked)
    assert ended.returncode == 2, ended.stderr  # For the one line that was refused.
    document = json.loads(ended.stdout[ended.stdout.index(b"{") :])
    assert document["lines_before"] >= 5_000
    assert document["taken"] + document["retries"] == 10_000
    assert document["refused"] == {"topic_unknown": 1}
    assert findings.read_text().startswith("line 501: topic_unknown: ")
    assert list((tmp_path / "home" / "imports").iterdir()) == []
    events = recorded(log)
    assert len(events) == 10_000
    assert len({(event.stream_id, event.key) for event in events}) == 10_000


def test_the_command_reads_standard_input_and_ends_with_2_when_a_line_is_refused(
    environment: dict[str, str], log: Log
) -> None:
    ended = run(environment, "-", stdin=ndjson([opened("A-1"), paid("A-2", "P-1")]))
    assert ended.returncode == 2
    assert b"line 2: account_unknown: the account is not open" in ended.stderr
    assert b"refused: account_unknown" in ended.stdout
    assert len(recorded(log)) == 1


def test_the_command_shows_the_first_refusals_and_counts_all(environment: dict[str, str]) -> None:
    ended = run(environment, "-", "--dry-run", stdin=b"{}\n" * 30)
    assert ended.returncode == 2
    assert ended.stderr.count(b"topic_unknown") == 20
    assert b"and 10 more" in ended.stderr


def test_an_unusable_file_is_one_sentence_and_exit_code_2(environment: dict[str, str]) -> None:
    ended = run(environment, "nowhere.ndjson")
    assert ended.returncode == 2
    assert ended.stderr == b"duebook: there is no file nowhere.ndjson; check its path\n"


def test_nothing_is_recorded_where_nothing_was_taken(
    environment: dict[str, str], database_url: str
) -> None:
    run(environment, "-", "--dry-run", stdin=ndjson([opened("A-1")]))
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM events").fetchone() == (0,)
