"""What the package is meant to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.measuring import Figures
from benchmarks.processes import AIRFLOW_HOOKS, DLT_DOCUMENTED, DLT_FAST, FLOOR, ONE_BY_ONE, PACKAGE
from benchmarks.restating import BARE


@dataclass(frozen=True)
class Target:
    text: str
    reached: float
    wanted: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.reached >= self.wanted if self.at_least else self.reached <= self.wanted

    def __str__(self) -> str:
        bound = "at least" if self.at_least else "at most"
        return f"{'met' if self.met else 'NOT MET':8} {self.reached:6.2f}, {bound} {self.wanted:g}: {self.text}"


def judge_half_year(result: Mapping[str, Figures]) -> list[Target]:
    package, floor, dlt = result[PACKAGE.title], result[FLOOR.title], _find_faster_dlt(result)
    return [
        Target("(b) time, in times the floor's", package.seconds / floor.seconds, 2.5),
        Target("(b) time of dlt's faster way, in times the package's", dlt.seconds / package.seconds, 8, True),
        Target("(b) extra memory, as a part of that of dlt's faster way", package.extra_mb / dlt.extra_mb, 0.2),
    ]


def judge_five_years(half: Mapping[str, Figures], five: Mapping[str, Figures], growth: float) -> list[Target]:
    """``growth``: how many times the records of the half year the five years have."""
    before, after = half[PACKAGE.title], five[PACKAGE.title]
    return [
        Target("(c) time per record, in times (b)'s", after.seconds / before.seconds / growth, 1.15),
        Target("(c) extra memory, in times (b)'s", after.extra_mb / before.extra_mb, 1.3),
    ]


def judge_b3os(result: Mapping[str, Figures], failures: int) -> list[Target]:
    """``failures``: of the package, under a limit."""
    ratio = result[ONE_BY_ONE.title].seconds / result[PACKAGE.title].seconds
    return [
        Target("(d) time of one request after the other, in times the package's", ratio, 3.5, True),
        Target("(d) failures under a limit", failures, 0),
    ]


def judge_restated(verdicts: Mapping[str, Mapping[str, str]]) -> list[Target]:
    wrong = sum(verdict != "exact" for verdict in verdicts[PACKAGE.title].values())
    return [Target("(e) restatements after which the package is not exact", wrong, 0)]


def judge_daily(result: Mapping[str, Figures]) -> list[Target]:
    package, hooks, dlt = result[PACKAGE.title], result[AIRFLOW_HOOKS.title], _find_faster_dlt(result)
    return [
        Target("(f) time, in times that of Airflow's hooks", package.seconds / hooks.seconds, 1.6),
        Target("(f) time of dlt's faster way, in times the package's", dlt.seconds / package.seconds, 3, True),
    ]


def judge_restating(ratios: Mapping[str, float]) -> list[Target]:
    """``ratios``: by driver, and for ``BARE``, times of a first load."""
    return [
        Target(f"(h) time to restate, in times a first load's, through {driver}", ratio, 3)
        for driver, ratio in ratios.items()
        if driver != BARE
    ]


def judge_memory(first: Figures, again: Figures) -> list[Target]:
    return [Target("(i) extra memory of reading again, in times a first load's", again.extra_mb / first.extra_mb, 1.3)]


def _find_faster_dlt(result: Mapping[str, Figures]) -> Figures:
    return min((result[one.title] for one in (DLT_DOCUMENTED, DLT_FAST)), key=lambda figures: figures.seconds)
