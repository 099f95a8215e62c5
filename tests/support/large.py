"""How much is enough: a bit of everything in each test run, and the large numbers of ``make drill``."""

from __future__ import annotations

import random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--large", action="store_true", help="drills and proofs of the warehouse with large numbers")


@pytest.fixture
def is_large(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--large"))


@pytest.fixture
def seed() -> str:
    """What all chance of a test comes from: print it, and a failure can be had again."""
    seed = str(random.SystemRandom().randrange(10**9))
    print(f"seed: {seed}")  # noqa: T201
    return seed
