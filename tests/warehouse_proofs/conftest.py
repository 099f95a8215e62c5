"""How much is enough: a bit of everything in each test run, and the large numbers of ``make drill``."""

from __future__ import annotations

import random
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--large", action="store_true", help="prove the warehouse with large numbers")


@pytest.fixture
def sizes(request: pytest.FixtureRequest) -> Sizes:
    # The option is known only where pytest is given this folder.
    return LARGE if request.config.getoption("--large", default=False) else IN_EACH_RUN


@pytest.fixture
def seed() -> str:
    """What all chance of a test comes from: print it, and a failure can be had again."""
    seed = str(random.SystemRandom().randrange(10**9))
    print(f"seed: {seed}")  # noqa: T201
    return seed
