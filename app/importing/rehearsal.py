"""What an import would do, with nothing written.

The facts of an account are decided together, so that of the whole import only one account at a
time is in memory; the findings are then put back in the order of the lines.  Recorded times are
judged last, as if nothing else were written to the ledger meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import orjson

from app.importing.findings import Finding, refused
from app.importing.progress import Progress
from app.importing.recorded_times import RecordedTimes
from app.importing.sorting import Sorter
from app.importing.sources import SourceLine
from app.importing.taking import BATCH_LINES, parsed
from ledger.books import Answer, Books
from ledger.domain.rejections import Code, Rejection
from ledger.door import Line, parse_line


class _Numbered(NamedTuple):
    number: int
    place: str
    line: Line


def rehearse(
    books: Books,
    now: Callable[[], datetime],
    lines: Iterable[SourceLine],
    report: Callable[[Finding], None],
    watch: Callable[[int], None],
) -> Progress:
    """Decide every line against what is recorded and the lines before it; `watch` sees how many."""
    by_account, by_line = Sorter(), Sorter()
    for number, source in enumerate(lines):
        fact = parsed(source).fact
        if isinstance(fact, Line):
            parts = fact.account_id.encode(), number, source.place.encode(), source.raw
            by_account.add(b"%s\t%012d\t%s\t%s" % parts)
        else:
            _note(by_line, number, source.place, fact)
    done = by_line.count
    for batch in _whole_accounts(by_account.in_order()):
        answers = books.decide_each([one.line for one in batch])
        for one, answer in zip(batch, answers, strict=True):
            _note(by_line, one.number, one.place, answer, one.line)
        done += len(batch)
        watch(done)
    return _summed_up(by_line, RecordedTimes(books.log, now()), report)


def _whole_accounts(lines: Iterator[bytes]) -> Iterator[list[_Numbered]]:
    """Batches of about BATCH_LINES lines, none of which parts the lines of an account."""
    batch: list[_Numbered] = []
    for _, of_account in groupby(lines, key=lambda line: line.partition(b"\t")[0]):
        for line in of_account:
            _, number, place, raw = line.split(b"\t", 3)
            batch.append(_Numbered(int(number), place.decode(), parse_line(raw)))
        if len(batch) >= BATCH_LINES:
            yield batch
            batch = []
    if batch:
        yield batch


def _note(
    by_line: Sorter, number: int, place: str, answer: Answer, line: Line | None = None
) -> None:
    if isinstance(answer, Rejection):
        note: list[object] = [place, answer.code.value, answer.message]
    else:
        assert line is not None  # Only a line that was read can be taken.
        note = [place, answer.is_retry, line.account_id, line.topic, line.recorded_at]
    by_line.add(b"%012d\t%s" % (number, orjson.dumps(note)))


def _summed_up(
    by_line: Sorter, times: RecordedTimes, report: Callable[[Finding], None]
) -> Progress:
    """Count and report in the order of the lines; of new ones, judge the recorded time as well."""
    progress = Progress()
    for note in by_line.in_order():
        progress.lines += 1
        place, *rest = orjson.loads(note.partition(b"\t")[2])
        if isinstance(rest[0], str):
            rejection: Rejection | None = Rejection(Code(rest[0]), rest[1])
        else:
            is_retry, account_id, topic, text = rest
            at = None if text is None else datetime.fromisoformat(text)
            rejection = None if is_retry else times.refusal(Line(account_id, topic, {}, at))
            progress.retries += is_retry
            progress.taken += not is_retry and rejection is None
        if rejection is not None:
            code = rejection.code.value
            progress.refused[code] = progress.refused.get(code, 0) + 1
            report(refused(place, rejection))
    return progress
