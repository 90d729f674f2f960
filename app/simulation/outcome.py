"""What became of a case: the states it asks for and the differences, or why there are none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.simulation.cases import Case, CaseError, Expectation, NotOffered, Unreadable
from app.simulation.comparing import Difference, differences
from app.simulation.figures import FIGURES, figures_of, view_of
from app.simulation.folding import Fold, Refused, folded
from app.simulation.rates import apr_figures, day_count_figures, due_dates_figures

#: The kinds that are not folded as an account is.
FIGURES_OF_KIND: Mapping[str, Callable[[Case, Expectation], dict[str, Any]]] = {
    "apr": apr_figures,
    "day_count": day_count_figures,
    "due_dates": due_dates_figures,
}

#: What is shown where a case names no figure of its own.
FIGURES_BY_DEFAULT = tuple(FIGURES)


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures found for one expectation, and how they differ from those given."""

    after_seq: int
    as_of: date
    figures: dict[str, Any]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that was folded; `reason` says why it could not be.

    `is_understood` is False where the case itself is wrong, and not only beyond the rules so far.
    """

    case: str
    family: str
    answers: tuple[Answer, ...] = ()
    reason: str | None = None
    is_understood: bool = True

    @property
    def agrees(self) -> bool:
        """Whether every figure given was found."""
        return self.reason is None and not any(answer.differences for answer in self.answers)


def simulated(case: Case | Unreadable) -> Outcome:
    """Fold a case and compare it."""
    if isinstance(case, Unreadable):
        return Outcome(case.id, case.family, reason=case.problem, is_understood=False)
    try:
        if case.kind in FIGURES_OF_KIND:
            found = (_answer_of_kind(case, asked) for asked in case.expectations)
            return Outcome(case.id, case.family, tuple(found))
        fold = folded(case)
        answers = tuple(_answer(fold, case, asked) for asked in case.expectations)
        return Outcome(case.id, case.family, answers)
    except NotOffered as missing:
        return Outcome(case.id, case.family, reason=f"not offered yet: {missing}")
    except Refused as refused:
        return Outcome(case.id, case.family, reason=str(refused))
    except CaseError as error:
        return Outcome(case.id, case.family, reason=str(error), is_understood=False)


def _answer_of_kind(case: Case, asked: Expectation) -> Answer:
    figures = FIGURES_OF_KIND[case.kind](case, asked)
    for name in asked.figures:
        if name not in figures:
            raise CaseError(f"expect: {name} is no figure; there are {', '.join(figures)}")
    shown = {name: figures[name] for name in asked.figures or figures}
    found = tuple(differences(asked.figures, figures))
    return Answer(asked.after_seq, asked.as_of, shown, found)


def _answer(fold: Fold, case: Case, asked: Expectation) -> Answer:
    view = view_of(fold, asked)
    given = asked.figures
    figures = figures_of(view, tuple(given) or FIGURES_BY_DEFAULT)
    found = list(differences(given, figures))
    rows, given_rows = figures.get("schedule", []), given.get("schedule")
    # A replayed schedule is given as a whole; of a plain one some rows may stand for all.
    if case.kind == "ledger" and isinstance(given_rows, list) and len(given_rows) < len(rows):
        found.append(Difference("schedule rows", len(given_rows), len(rows)))
    return Answer(asked.after_seq, asked.as_of, figures, tuple(found))
