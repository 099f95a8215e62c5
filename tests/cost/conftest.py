"""A warehouse with 140 days of usage, which a check of November 18 knows whole."""

from __future__ import annotations

import pytest

from tests.cost.budgets import NOV_18, Books, back_from


@pytest.fixture
def empty_books(warehouse) -> Books:
    return Books(warehouse)


@pytest.fixture
def books(empty_books) -> Books:
    days = back_from(NOV_18)
    empty_books.load(days)
    empty_books.use(days)
    return empty_books
