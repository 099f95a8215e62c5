"""How much of each proof, in a test run and with ``--large``."""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Sizes:
    """``loads`` side by side, ``rounds`` of first loads, ``kills``, and ``sequences`` of loads, for each database."""

    loads: int
    rounds: int
    kills: int
    sequences: dict[str, int]


IN_EACH_RUN = Sizes(loads=300, rounds=10, kills=40, sequences={"sqlite": 60, "postgresql": 20})
LARGE = Sizes(loads=1200, rounds=50, kills=300, sequences={"sqlite": 1500, "postgresql": 500})


@pytest.fixture
def sizes(is_large: bool) -> Sizes:
    return LARGE if is_large else IN_EACH_RUN
