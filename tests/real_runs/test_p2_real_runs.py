"""P2: the day that a run collects, for real runs of a real scheduler."""

from __future__ import annotations

import pytest

from tests.real_runs.cases import CASES_HERE, Case
from tests.real_runs.expected_days import Failure
from tests.real_runs.reading import RealRuns


@pytest.mark.parametrize("case", CASES_HERE, ids=lambda case: case.name)
def test_p2_real_run(case: Case, real_runs: RealRuns) -> None:
    collected = real_runs.collected[case.name]
    if isinstance(case.expected, Failure):
        (failure,) = collected
        assert failure.startswith("fails: ")
        assert case.expected.text in failure
    else:
        before, after = case.expected.at(real_runs.started), case.expected.at(real_runs.ended)
        # Across midnight a run may be of either day, and a schedule may make one of each.
        assert collected in (before, after, before + after)
