"""The page on cost: what it shows of rates and budgets is what a user gets."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from datacoves_usage_provider import CheckBudgetsOperator, SyncReferenceDataOperator, UsageConfigError
from datacoves_usage_provider.cost.budget_rows import BUDGETS
from datacoves_usage_provider.cost.rates import RATES
from datacoves_usage_provider.cost.reference_data import read_files
from tests.docs.arguments import find_defaults, read_arguments
from tests.docs.markdown import ROOT, code_in, find_block_after, read
from tests.support.costs import Used, prepare, write

PAGE = "docs/cost.md"
FILES = {"rates": "reference/rates.csv", "budgets": "reference/budgets.csv"}


def test_the_rates_are_those_of_the_example_file():
    assert find_block_after("rates", PAGE) == (ROOT / "dags" / FILES["rates"]).read_text()


def test_the_columns_that_must_have_a_value_are_those_of_the_files():
    (required,) = re.findall(r"explains the columns\. ([^.]+) must have a value", read(PAGE))
    assert set(code_in(required)) == {name for name, rule in RATES.cells.items() if rule.is_required}
    assert {"x_budget_name", "x_amount", "x_unit"} == {name for name, rule in BUDGETS.cells.items() if rule.is_required}


def test_the_budget_of_the_page_is_one(tmp_path):
    (tmp_path / "budgets.csv").write_text(find_block_after("budget", PAGE))
    (row,) = read_files(tmp_path, {"budgets": "budgets.csv"})["budgets"].rows
    assert {"Datacoves production", "Datacoves", "Worker Minutes", Decimal(60_000), "Minutes"} < {*row.values.values()}


def test_the_error_is_the_one_that_the_mistakes_make(tmp_path):
    (tmp_path / "reference").mkdir()
    header, first, second = (ROOT / "dags" / FILES["rates"]).read_text().splitlines()
    wrong = [header, first.replace("0.0125", '"0,05"'), second.replace("2026-12-01", "01.11.2026")]
    (tmp_path / FILES["rates"]).write_text("\n".join(wrong))
    (tmp_path / FILES["budgets"]).write_text("x_budget_name,x_amount,x_unit\nall,0,EUR\n")
    with pytest.raises(UsageConfigError) as caught:
        read_files(tmp_path, FILES)
    assert str(caught.value).split() == find_block_after("mistakes", PAGE).split()


def test_the_examples_are_synced_and_price_the_months_as_the_query_shows(warehouse):
    prepare(warehouse)
    write(warehouse, [Used(date(2026, 11, 30), Decimal(100)), Used(date(2026, 12, 1), Decimal(100))], [])
    operator = SyncReferenceDataOperator(task_id="sync", **FILES)
    synced = operator.execute({"dag": SimpleNamespace(fileloc=str(ROOT / "dags" / "usage_budgets_daily.py"))})
    assert synced == json.loads(find_block_after("synced", PAGE))
    months = warehouse.query(find_block_after("cost of months", PAGE))
    read = [
        (str(month), line, currency, float(cost), int(unpriced), days)
        for month, line, currency, cost, unpriced, days in months
    ]
    assert read == [("2026-11-01", "usage", "USD", 1.25, 0, 1), ("2026-12-01", "usage", "USD", 1.35, 0, 1)]


@pytest.mark.parametrize("operator", [SyncReferenceDataOperator, CheckBudgetsOperator])
def test_the_operators_arguments_are_as_the_page_says(operator):
    assert read_arguments(operator, PAGE) == find_defaults(operator)
