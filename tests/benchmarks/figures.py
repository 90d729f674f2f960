"""A figure is what a job measured beside its yardstick; the ratio of the two is what counts.

Absolute figures say something about a machine, ratios of one run about the code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio must be."""

    bound: Literal["at least", "at most"]
    ratio: float

    def is_reached_by(self, ratio: float) -> bool:
        """Is the ratio on the right side?"""
        return ratio >= self.ratio if self.bound == "at least" else ratio <= self.ratio


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the report: both sides in the same unit."""

    name: str
    measured: float
    yardstick_name: str
    yardstick: float
    unit: str
    goal: Goal | None = None

    @property
    def ratio(self) -> float:
        """The job in terms of its yardstick."""
        return self.measured / self.yardstick

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.goal.is_reached_by(self.ratio)


def alternate(rounds: int, *jobs: Callable[[int], float]) -> list[float]:
    """Run the jobs in turn, round after round; the median of what each of them measured.

    Whatever else the machine does during a round, it does to the job and to its yardstick.
    """
    measured = [[job(number) for job in jobs] for number in range(rounds)]
    return [median(of_one_job) for of_one_job in zip(*measured, strict=True)]


def interleaved(rounds: int, *jobs: Callable[[int], Sequence[float]]) -> list[list[float]]:
    """Run the jobs in turn; all that each of them measured, for jobs that measure many waits."""
    found: list[list[float]] = [[] for _ in jobs]
    for number in range(rounds):
        for waits, job in zip(found, jobs, strict=True):
            waits += job(number)
    return found


def seconds_of(work: Callable[[], object]) -> float:
    """How long the work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began
