"""Lines go through the books, a batch at a time, and each gets its answer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from app.importing.findings import Finding, refused
from app.importing.progress import Progress
from app.importing.recorded_times import RecordedTimes
from app.importing.sources import SourceLine
from ledger.books import Answer, Books, Taken
from ledger.domain.rejections import Code, Rejected, Rejection
from ledger.door import Line, parse_line
from ledger.log.records import RequestTooLarge

BATCH_LINES = 1_000


class ParsedLine(NamedTuple):
    """A line as read: its fact, or why it is none."""

    source: SourceLine
    fact: Line | Rejection


def parsed(source: SourceLine) -> ParsedLine:
    """Read a native line; one that was torn off is told from one that was never right."""
    try:
        return ParsedLine(source, parse_line(source.raw))
    except Rejected as error:
        rejection = error.rejection
        if source.is_last_without_end and rejection.code is Code.LINE_MALFORMED:
            message = f"the file ends inside this line, take it anew from its source; {error}"
            rejection = Rejection(Code.LINE_MALFORMED, message)
        return ParsedLine(source, rejection)


def take(
    books: Books,
    now: Callable[[], datetime],
    lines: Iterable[SourceLine],
    progress: Progress,
    report: Callable[[Finding], None],
    saved: Callable[[Sequence[Taken]], None],
) -> None:
    """Append what can be taken.  After each batch `progress` is brought forward, then `saved`."""
    for batch in batches(map(parsed, lines)):
        facts = [line.fact for line in batch if isinstance(line.fact, Line)]
        answers = iter(_answers(books, now, facts))
        taken: list[Taken] = []
        for line in batch:
            answer = next(answers) if isinstance(line.fact, Line) else line.fact
            if isinstance(answer, Taken):
                taken.append(answer)
                progress.note(answer.recorded)
                progress.taken += not answer.is_retry
                progress.retries += answer.is_retry
            else:
                code = answer.code.value
                progress.refused[code] = progress.refused.get(code, 0) + 1
                report(refused(line.source.place, answer))
        progress.lines += len(batch)
        saved(taken)


def batches(lines: Iterable[ParsedLine]) -> Iterator[list[ParsedLine]]:
    """Up to BATCH_LINES lines, of which all have a recorded time or none has."""
    batch: list[ParsedLine] = []
    timed: bool | None = None
    for line in lines:
        is_timed = line.fact.recorded_at is not None if isinstance(line.fact, Line) else timed
        if len(batch) == BATCH_LINES or (timed is not None and is_timed is not timed):
            yield batch
            batch = []
        batch.append(line)
        timed = is_timed
    if batch:
        yield batch


def _answers(books: Books, now: Callable[[], datetime], facts: Sequence[Line]) -> list[Answer]:
    """One answer a fact.  What the log would not take for its recorded time is left out."""
    times = RecordedTimes(books.log, now())
    untimely = _untimely(books, now, facts) if any(map(times.refusal, facts)) else {}
    timely = [fact for number, fact in enumerate(facts) if number not in untimely]
    answers = iter(_appended(books, timely))
    return [untimely.get(number) or next(answers) for number in range(len(facts))]


def _untimely(
    books: Books, now: Callable[[], datetime], facts: Sequence[Line]
) -> dict[int, Rejection]:
    """Facts that would be new, but cannot be recorded when they say.

    Retries may say any time, and the time of a fact that is refused holds up nothing.
    """
    times = RecordedTimes(books.log, now())
    answers = zip(facts, books.decide_each(facts), strict=True)
    return {
        number: refusal
        for number, (fact, answer) in enumerate(answers)
        if isinstance(answer, Taken)
        and not answer.is_retry
        and (refusal := times.refusal(fact)) is not None
    }


def _appended(books: Books, facts: Sequence[Line]) -> list[Answer]:
    """Append; a batch that makes too many events goes in halves."""
    if not facts:
        return []
    try:
        return books.append_each(facts)
    except RequestTooLarge:
        if len(facts) == 1:
            raise
        middle = len(facts) // 2
        return [*_appended(books, facts[:middle]), *_appended(books, facts[middle:])]
