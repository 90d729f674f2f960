"""CSV through a mapping: which facts rows make, in which order, and which mappings are refused."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.importing.findings import Finding, ImportUnusable
from app.importing.job import Request, Viewer, import_files, write_native
from app.importing.netting import net_negative_rows
from app.importing.sorting import Sorter
from ledger.books import Books
from ledger.log.log import Log
from ledger.replay import known_facts, replay

KIVA = Path(__file__).parents[2] / "examples" / "kiva.toml"

#: Two loans made up for this test: the second was paid before it was drawn.
LOANS = """\
loan_id,loan_amount_usd,disbursed_on
L1,100.00,2010-01-05
L2,50.00,2010-03-01
"""
SCHEDULE = """\
loan_id,seq,due_on_usd,amount_usd
L1,1,2010-02-01,50.00
L1,2,2010-03-01,50.01
L1,3,2010-03-01,-0.01
L2,1,2010-04-01,50.00
"""
PAYMENTS = """\
loan_id,payment_id,effective_on,recorded_at,amount_usd,fx_loss_usd,reverses_payment_id
L1,P3,2010-01-31,2010-03-02T10:00Z,-20.00,0.00,
L1,P4,2010-01-31,2010-03-02T10:00Z,-5.00,0.00,P1
L1,P1,2010-01-30,2010-02-15T10:00Z,30.00,0.00,
L1,P2,2010-01-31,2010-03-02T10:00Z,20.00,1.50,
L1,P5,2010-02-10,2010-03-15T10:00Z,0.00,0.00,
L2,P6,2010-02-20,2010-02-25T10:00Z,10.00,0.00,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tables of a small portfolio."""
    made = tmp_path / "csv"
    made.mkdir()
    for name, text in (("loans", LOANS), ("schedule", SCHEDULE), ("payments", PAYMENTS)):
        (made / f"{name}.csv").write_text(text)
    return made


def native(folder: Path, mapping: Path = KIVA) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The native lines that the mapping makes, and what it had to say."""
    out, shown = BytesIO(), list[Finding]()
    write_native(Request([folder], mapping), out, Viewer(show=shown.append))
    return [json.loads(line) for line in out.getvalue().splitlines()], shown


def test_rows_become_facts_in_the_order_in_which_they_were_recorded(folder: Path) -> None:
    facts, findings = native(folder)
    ids = ("payment_id", "reversal_id", "waiver_id", "draw_id", "borrower_ref")
    assert [
        (fact["recorded_at"][:13], fact["topic"], next(fact[name] for name in ids if name in fact))
        for fact in facts
    ] == [
        ("2010-01-05T00", "account.opened", "L1"),
        ("2010-01-05T00", "draw.made", "L1"),
        ("2010-02-15T10", "payment.received", "P1"),
        ("2010-02-25T10", "account.opened", "L2"),
        ("2010-02-25T10", "payment.received", "P6"),
        ("2010-03-01T00", "draw.made", "L2"),
        ("2010-03-02T10", "payment.received", "P2"),
        ("2010-03-02T10", "dues.waived", "P2"),
        ("2010-03-02T10", "payment.reversed", "P3"),
        ("2010-03-02T10", "payment.reversed", "P1"),
        ("2010-03-15T10", "payment.received", "P5"),
    ]
    assert facts[3]["effective_on"] == "2010-02-20"  # Before the draw, because of the payment.
    assert facts[1]["terms"] == {
        "method": "explicit",
        "rows": [
            {"due_on": "2010-02-01", "principal": "50.00"},
            {"due_on": "2010-03-01", "principal": "50.00"},
            {"due_on": "2010-03-01", "principal": "0.00"},
        ],
    }
    [altered] = findings
    assert str(altered).startswith("loans.csv line 2: altered: L1: row 3 due 2010-03-01")


def test_what_a_mapping_makes_is_taken_and_replays(folder: Path, log: Log, tmp_path: Path) -> None:
    shown: list[Finding] = []
    outcome = import_files(
        Books(log), lambda: datetime.now(UTC), Request([folder], KIVA), tmp_path,
        Viewer(show=shown.append),
    )  # fmt: skip
    assert (outcome.taken, outcome.refused, outcome.altered) == (11, {}, 1)
    facts = known_facts(log.streams(["L1"])["L1"])
    # 50 were due in February; 30 + 20 came, 20 + 5 were taken back, 1.50 was waived.
    assert replay(facts, date(2010, 2, 15)).overdue_total == 23_50
    assert replay(facts, date(2010, 2, 15), datetime(2010, 3, 1, tzinfo=UTC)).overdue_total == 20_00


BERKA = KIVA.with_name("berka.toml")


def test_rows_are_told_by_their_kind_and_counts_and_months_are_read(tmp_path: Path) -> None:
    """Two loans made up for this test; the second begins in December and has no whole term."""
    (tmp_path / "berka_loans.csv").write_text(
        "loan_id,account_id,granted_on,amount_czk,duration_months\n"
        "L1,7,1993-07-31,1200.00,12\nL2,8,1993-12-05,1200.00,twelve\n"
    )
    (tmp_path / "berka_loan_payments.csv").write_text(
        "trans_id,loan_id,booked_on,k_symbol,amount_czk\n"
        "1,L1,1993-08-12,UVER,100.00\n2,L1,1993-08-31,SANKC. UROK,0.20\n"
    )
    facts, findings = native(tmp_path, BERKA)
    assert findings == []
    [first, second] = [fact["terms"] for fact in facts if fact["topic"] == "draw.made"]
    assert (first["term_count"], first["first_due_on"]) == (12, "1993-08-12")
    # What is no whole number is left as it is, for the door to refuse.
    assert (second["term_count"], second["first_due_on"]) == ("twelve", "1994-01-12")
    payments = [fact["payment_id"] for fact in facts if fact["topic"] == "payment.received"]
    assert payments == ["1"]


def test_a_month_after_no_date_is_a_row_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "berka_loans.csv").write_text(
        "loan_id,account_id,granted_on,amount_czk,duration_months\nL1,7,July,1200.00,12\n"
    )
    (tmp_path / "berka_loan_payments.csv").write_text(
        "trans_id,loan_id,booked_on,k_symbol,amount_czk\n"
    )
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(BERKA.read_text().replace('"{granted_on}"', '"1993-07-05"'))
    facts, [finding] = native(tmp_path, mapping)
    assert facts == []
    assert "next_month is asked of 'July'; give a date as 2026-03-31" in str(finding)


FAULTS: dict[str, tuple[Callable[[str], str], str]] = {
    "column": (
        lambda text: text.replace("{loan_amount_usd}", "{loan_amount}"),
        "names the column 'loan_amount' of table loans, but loans.csv has loan_id, loan_amount_usd,"
        " disbursed_on;",
    ),
    "table": (lambda text: text.replace('each = "schedule"', 'each = "plan"'), "no table 'plan'"),
    "files": (lambda text: text.replace('"loans.csv*"', '"credits.csv"'), "table loans needs"),
    "topic": (lambda text: text.replace("dues.waived", "dues.forgiven"), "topic is unknown"),
    "field": (lambda text: text.replace("waiver_id =", "waiver ="), "field waiver_id is missing"),
    "more": (lambda text: text.replace("reason =", "why ="), "why is no field here"),
    "inner": (lambda text: text.replace("method =", "way ="), "terms.way is no field here"),
    "change": (lambda text: text.replace("|absolute", "|abs"), "asks for 'abs'"),
    "two": (
        lambda text: text.replace('is = "positive"', 'is = "positive", equals = "1"'),
        "write either `is` or `equals`",
    ),
    "sign": (lambda text: text.replace('"positive"', '"plus"'), "facts.3.when.0.is"),
    "key": (lambda text: text.replace("optional =", "options ="), "tables.payments.options"),
    "toml": (lambda text: text.replace("]]", "]", 1), "cannot be read"),
    "brace": (lambda text: text.replace('"{payment_id}"', '"{payment_id"'), "without its partner"),
    "time": (
        lambda text: text.replace('recorded_at = "earliest"\n', ""), "recorded_at to all facts"
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mapping_that_cannot_be_followed_is_refused_before_anything_is_written(
    folder: Path, tmp_path: Path, log: Log, fault: str
) -> None:
    change, says = FAULTS[fault]
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(change(KIVA.read_text()))
    request = Request([folder], mapping)
    with pytest.raises(ImportUnusable) as refused:
        import_files(Books(log), lambda: datetime.now(UTC), request, tmp_path, Viewer())
    assert says in str(refused.value)
    assert all(head.position == 0 for head in log.heads())


BAD_ROWS = {
    "L1,P7,2010-02-30,2010-03-15T10:00Z,1.00,0.00,": "effective_on is '2010-02-30'",
    "L1,P7,2010-02-20,2010-03-15T10:00,1.00,0.00,": "without a time zone",
    "L1,P7,2010-02-20,2010-03-15T10:00Z,one,0.00,": "amount_usd is 'one', which is no number",
    "L 1,P7,2010-02-20,2010-03-15T10:00Z,1.00,0.00,": "loan_id is 'L 1'; give the id",
    "L1,P7,2010-02-20,2010-03-15T10:00Z,1.00": "the row has 5 fields, the header names 7",
    "L1,P7,2010-02-20,2010-03-15T10:00Z,1.00,0.00,\xe9": "the row is no UTF-8",
    'L1,"P7,2010-02-20': "the row is no CSV",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_row_that_makes_no_fact_is_refused_with_its_line(folder: Path, row: str) -> None:
    whole, _ = native(folder)
    with (folder / "payments.csv").open("ab") as file:
        file.write(row.encode("latin-1") + b"\n")
    facts, findings = native(folder)
    assert facts == whole
    [refused] = [finding for finding in findings if finding.code != "altered"]
    assert refused.place in ("payments.csv line 8", "payments.csv line 9")
    assert BAD_ROWS[row] in refused.message


def test_rows_of_an_account_that_has_no_fact_to_list_them_are_refused(folder: Path) -> None:
    with (folder / "schedule.csv").open("a") as file:
        file.write("L9,1,2010-04-01,50.00\nL9,2,2010-05-01,50.00\n")
    _, findings = native(folder)
    assert str(findings[-1]) == (
        "schedule.csv line 6: account_unknown: 2 rows of schedule name account L9, but no fact"
        " lists them"
    )


def test_rows_that_meet_no_condition_are_counted(folder: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(KIVA.read_text().replace('"not_negative"', '"positive"'))
    outcome = write_native(Request([folder], mapping), BytesIO(), Viewer())
    assert (outcome.lines, outcome.passed_over) == (10, 1)


@pytest.mark.parametrize(
    ("rows", "netted"),
    [
        ([(1, "5.00"), (2, "5.00"), (2, "-0.02")], ["5.00", "4.98", "0.00"]),
        ([(1, "5.00"), (2, "-1.00"), (2, "5.00")], ["5.00", "0.00", "4.00"]),
        ([(1, "5.00"), (2, "5.00"), (3, "-7.00")], ["3.00", "0.00", "0.00"]),
        ([(1, "-3.00"), (2, "5.00")], ["0.00", "2.00"]),
        ([(1, "-3.00"), (2, "1.00")], ["-2.00", "0.00"]),
        ([(1, "5.00"), (2, "0.00")], ["5.00", "0.00"]),
    ],
    ids=["same_day", "same_day_after", "before", "after", "impossible", "nothing_to_do"],
)
def test_negative_rows_are_netted_the_same_day_then_before_then_after(
    rows: list[tuple[int, str]], netted: list[str]
) -> None:
    schedule = [{"due_on": f"2010-01-0{day}", "principal": amount} for day, amount in rows]
    sentences = net_negative_rows(schedule)
    assert [row["principal"] for row in schedule] == netted
    assert len(sentences) == sum(amount.startswith("-") for _, amount in rows)


@pytest.mark.parametrize("chunk_bytes_max", [1, 100, 1_000_000])
def test_more_lines_than_memory_holds_come_out_in_order(chunk_bytes_max: int) -> None:
    numbers = [b"%04d" % Random(seed).randrange(1_000) for seed in range(100)]
    sorter = Sorter(chunk_bytes_max)
    for number in numbers:
        sorter.add(number)
    assert list(sorter.in_order()) == sorted(numbers)
