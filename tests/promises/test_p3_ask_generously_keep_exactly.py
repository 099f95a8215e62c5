"""P3: totals are exact, whichever way the API goes where its documentation leaves it open."""

from __future__ import annotations

import itertools
from dataclasses import fields

import pytest
from tests.promises.truth import query, read_all, truth

from datacoves_usage_provider.simulator import DatacovesBilling

OPEN_POINTS = ("end_inclusive", "equal_dates", "limit_counts_days", "unknown_in_unfiltered", "older_defaults")


@pytest.mark.parametrize(("start", "end"), [("2025-02-27", "2025-02-28"), ("2025-03-01", "2025-05-04")])
@pytest.mark.parametrize("ways", list(itertools.product([False, True], repeat=len(OPEN_POINTS))), ids=str)
def test_p3_every_combination_of_open_points(api, hook, ways, start, end):
    for name, way in zip(OPEN_POINTS, ways, strict=True):
        setattr(api, name, way)
    asked = query(start, end)
    assert read_all(hook, asked) == truth(api, asked)


def test_p3_every_open_point_is_a_switch_of_the_simulator():
    assert set(OPEN_POINTS) < {field.name for field in fields(DatacovesBilling)}


@pytest.mark.parametrize("unknown_in_unfiltered", [False, True])
@pytest.mark.parametrize(
    "filters",
    [
        {"service": ("airflow",)},
        {"service": ("unknown",)},
        {"service": ("airbyte", "unknown")},
        {"environment_slug": ("abc123",)},
        {"environment_slug": ("abc123", "my-env"), "service": ("airflow", "airbyte")},
    ],
    ids=str,
)
def test_p3_filtered(api, hook, filters, unknown_in_unfiltered):
    api.unknown_in_unfiltered = unknown_in_unfiltered
    asked = query("2025-03-01", "2025-04-15", **filters)
    assert read_all(hook, asked) == truth(api, asked) != {}
