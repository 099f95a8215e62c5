"""Files of rates and budgets are checked whole, and each mistake is told with its place and what would be right."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from datacoves_usage_provider.cost.reference_data import read_files
from datacoves_usage_provider.exceptions import UsageConfigError

HEADER = (
    "service_provider_name,billing_account_id,service_name,sku_meter,pricing_unit,x_pricing_quantity,"
    "contracted_unit_price,billing_currency,sku_price_effective_start,sku_price_effective_end,x_included_quantity,"
    "x_fixed_cost"
)
RATE = dict(
    zip(
        HEADER.split(","),
        ["Datacoves", "", "", "Worker Minutes", "Minutes", "", "0.05", "EUR", "2026-01-01", "", "", ""],
        strict=True,
    )
)
BUDGETS = "x_budget_name,x_amount,x_unit,x_effective_start,x_effective_end,x_alert_rules"


def make_rates(*rows: dict[str, str]) -> str:
    return "\n".join([HEADER, *(",".join((RATE | row).values()) for row in rows)])


@pytest.fixture
def read(tmp_path):
    """Read a file of rates, or of budgets, that has this content."""

    def run(content: str | bytes, what: str = "rates"):
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / f"{what}.csv").write_bytes(data)
        return read_files(tmp_path, {what: f"{what}.csv"})[what]

    return run


@pytest.fixture
def find_mistakes(read):
    def run(content: str | bytes, what: str = "rates") -> list[str]:
        with pytest.raises(UsageConfigError) as caught:
            read(content, what)
        text = str(caught.value)
        assert "\n" not in text
        assert text.startswith("Mistakes in reference data: ")
        assert text.endswith(". No table was changed.")
        return text.removeprefix("Mistakes in reference data: ").removesuffix(". No table was changed.").split("; ")

    return run


def test_empty_cells_are_null_or_the_default(read):
    (row,) = read(make_rates({})).rows
    assert row.values == {
        "service_provider_name": "Datacoves",
        "billing_account_id": "*",
        "service_name": "*",
        "sku_meter": "Worker Minutes",
        "pricing_unit": "Minutes",
        "x_pricing_quantity": Decimal(1),
        "contracted_unit_price": Decimal("0.05"),
        "billing_currency": "EUR",
        "sku_price_effective_start": date(2026, 1, 1),
        "sku_price_effective_end": None,
        "x_included_quantity": None,
        "x_fixed_cost": None,
    }


def test_columns_that_have_a_default_may_be_missing_and_be_in_any_order(read):
    (row,) = read("x_unit,x_amount,x_budget_name\nEUR,100,all", "budgets").rows
    assert row.values == {
        "x_budget_name": "all",
        **dict.fromkeys(
            ("service_provider_name", "billing_account_id", "sub_account_id", "service_name", "sku_meter"), "*"
        ),
        "x_amount": Decimal(100),
        "x_unit": "EUR",
        "x_effective_start": None,
        "x_effective_end": None,
        "x_alert_rules": "used:80 used:100 forecast:110",
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", ";").replace("\n", ";\r\n").replace(";\r\n", "\r\n") + "\r\n;;;;;;;;;;;\r\n",
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\n\n  \n") + "\n\n",
        lambda text: text.replace("Datacoves", '"Datacoves "').replace("0.05", " 0.05"),
    ],
    ids=["byte order mark", "CRLF", "semicolons", "blank lines of Excel", "CR", "blank lines", "white space"],
)
def test_what_spreadsheets_write_is_read(change, read):
    expected = [row.values for row in read(make_rates({}, {"service_name": "airbyte"})).rows]
    assert [row.values for row in read(change(make_rates({}, {"service_name": "airbyte"}))).rows] == expected


PRICE, START, END = "contracted_unit_price", "sku_price_effective_start", "sku_price_effective_end"
PLAIN = "must be a plain number such as 0.05"
DIGITS = "must have at most 20 digits before the point and 18 after it"
DAY = "must be a day such as 2026-11-01 (YYYY-MM-DD)"
POWER = "must be 1, 10, 100 and so on up to 1000000"
FIRST = "where x_included_quantity or x_fixed_cost is not empty"
WRONG_CELLS = [
    (PRICE, '"0,05"', f"{PLAIN}, with a point and not a comma, not '0,05'"),
    (PRICE, "5e-2", f"{PLAIN}, not '5e-2'"),
    (PRICE, "€5", f"{PLAIN}, not '€5'"),
    (PRICE, "٣", f"{PLAIN}, not '٣'"),
    (PRICE, "-1", "must not be negative, as '-1' is"),
    (PRICE, "0." + "1" * 19, f"{DIGITS}, not '0.{'1' * 19}'"),
    (PRICE, "1" * 21, f"{DIGITS}, not '{'1' * 21}'"),
    (PRICE, "", "may only be empty where x_fixed_cost is not"),
    (START, "01.11.2026", f"{DAY}, not '01.11.2026'"),
    (START, "20261101", f"{DAY}, not '20261101'"),
    (START, "", "must not be empty"),
    (END, "2026-02-30", f"{DAY}, not '2026-02-30'"),
    (END, "2026-01-01", "is exclusive, so it must be after 2026-01-01, not 2026-01-01"),
    ("billing_currency", "eur", "must be an ISO 4217 code, three capitals such as EUR, not 'eur'"),
    ("x_pricing_quantity", "60", f"{POWER}, not '60'"),
    ("x_pricing_quantity", "10000000", f"{POWER}, not '10000000'"),
    ("service_provider_name", "*", "must be a name, not '*'"),
    ("sku_meter", "x" * 256, "must have at most 255 characters, without NUL"),
]
WRONG_TOGETHER = [
    ({"x_fixed_cost": "9"}, "billing_account_id", "must be an account by name, because x_fixed_cost is not empty"),
    (
        {"x_included_quantity": "9", PRICE: "", "x_fixed_cost": "1", "billing_account_id": "a"},
        "x_included_quantity",
        "needs a contracted_unit_price to take off",
    ),
    (
        {"x_included_quantity": "9", START: "2026-01-02"},
        START,
        f"must be the first of a month, not 2026-01-02, {FIRST}",
    ),
    (
        {"x_fixed_cost": "9", "billing_account_id": "a", END: "2026-01-31"},
        END,
        f"must be the first of a month, not 2026-01-31, {FIRST}",
    ),
]


@pytest.mark.parametrize(("column", "cell", "mistake"), WRONG_CELLS)
def test_a_wrong_cell_is_told_with_line_column_and_what_would_be_right(column, cell, mistake, find_mistakes):
    content = make_rates({"service_name": "airbyte"}, {column: cell})
    assert find_mistakes(content) == [f"rates.csv line 3, {column}: {mistake}"]


@pytest.mark.parametrize(("cells", "column", "mistake"), WRONG_TOGETHER)
def test_cells_that_do_not_go_together_are_told(cells, column, mistake, find_mistakes):
    assert find_mistakes(make_rates(cells)) == [f"rates.csv line 2, {column}: {mistake}"]


def test_a_cell_keeps_what_is_in_its_quotes_and_the_header_alone_decides_what_separates(read):
    rows = f'"{";" * 20}",1,EUR\n"two\r\nlines",1,EUR\n"c",1,EUR'
    file = read(f"x_budget_name,x_amount,x_unit\n{rows}", "budgets")
    assert [row.values["x_budget_name"] for row in file.rows] == [";" * 20, "two\r\nlines", "c"]
    assert [row.line for row in file.rows] == [2, 3, 5]


def test_rules_are_kept_with_one_blank_between_them(read):
    (row,) = read(f"{BUDGETS}\nall,1,EUR,,,used:80   forecast:90", "budgets").rows
    assert row.values["x_alert_rules"] == "used:80 forecast:90"


def test_a_price_may_be_zero(read):
    (row,) = read(make_rates({PRICE: "0"})).rows
    assert row.values[PRICE] == 0


def test_a_line_with_a_cell_too_many_is_told(find_mistakes):
    content = make_rates({"service_name": "two,cells"})
    assert find_mistakes(content) == ["rates.csv line 2: has 13 cells, but the header has 12"]
    mistakes = find_mistakes("x_budget_name\ntwo,cells", "budgets")
    assert mistakes[-1] == "budgets.csv line 2: has 2 cells, but the header has 1"


WRONG_BUDGETS = [
    ("all,0,EUR,,,", "x_amount: must be above 0"),
    ("all,1,EUR,2026-01-02,,", "x_effective_start: must be the first of a month, such as 2026-01-01, not '2026-01-02'"),
    (
        "all,1,EUR,2026-02-01,2026-02-01,",
        "x_effective_end: is exclusive, so it must be after 2026-02-01, not 2026-02-01",
    ),
    (
        "all,1,EUR,,,used:0",
        "x_alert_rules: 'used:0' is not an alert rule: used:P or forecast:P with a whole percentage from 1 to 9999",
    ),
    ("first,1,EUR,,,", "x_budget_name: line 2 has a budget of this name, too: 'first'"),
]


@pytest.mark.parametrize(("row", "mistake"), WRONG_BUDGETS)
def test_a_wrong_budget_is_told_the_same_way(row, mistake, find_mistakes):
    assert find_mistakes(f"{BUDGETS}\nfirst,1,Minutes,,,\n{row}", "budgets") == [f"budgets.csv line 3, {mistake}"]


@pytest.mark.parametrize(
    ("header", "mistakes"),
    [
        ("x_budget_name,x_amount", [", x_unit: is missing from the header"]),
        ("x_budget_name,x_amount,x_unit,x_unit", [", x_unit: appears 2 times"]),
        (
            "x_budget_name,X_Amount,x_unit",
            [
                ": 'X_Amount' is not a column of usage_budget (did you mean x_amount?)",
                ", x_amount: is missing from the header",
            ],
        ),
    ],
)
def test_a_wrong_header_is_told(header, mistakes, find_mistakes):
    assert find_mistakes(header, "budgets") == [f"budgets.csv line 1{mistake}" for mistake in mistakes]


def test_a_column_that_is_like_none_is_told_with_all_that_there_are(find_mistakes):
    said, columns = find_mistakes("x_budget_name,x_amount,x_unit,zzz", "budgets")
    assert said == "budgets.csv line 1: 'zzz' is not a column of usage_budget"
    assert columns.startswith("it has x_budget_name, service_provider_name, ")
    (said, _) = find_mistakes("x_budget_name,x_amount,x_unit,q;q", "budgets")
    assert said == "budgets.csv line 1: 'q;q' is not a column of usage_budget"


def test_every_mistake_of_both_files_is_told_at_once(tmp_path):
    (tmp_path / "rates.csv").write_text(make_rates({PRICE: "x", "billing_currency": "y"}))
    (tmp_path / "budgets.csv").write_text(f"{BUDGETS}\nall,x,EUR,y,,\n")
    with pytest.raises(UsageConfigError) as caught:
        read_files(tmp_path, {"rates": "rates.csv", "budgets": "budgets.csv"})
    assert re.findall(r"(\w+\.csv) line (\d), (\w+):", str(caught.value)) == [
        ("rates.csv", "2", PRICE),
        ("rates.csv", "2", "billing_currency"),
        ("budgets.csv", "2", "x_amount"),
        ("budgets.csv", "2", "x_effective_start"),
    ]


def test_a_file_full_of_mistakes_has_an_error_that_can_be_read(find_mistakes):
    found = find_mistakes(make_rates(*({PRICE: "x", "service_name": str(n)} for n in range(500))))
    assert (len(found), found[-1]) == (101, "and 400 more")
    assert len(find_mistakes(make_rates(*({PRICE: "x", "service_name": str(n)} for n in range(100))))) == 100
    assert found[-1] == "and 400 more"


@pytest.mark.parametrize(
    ("second", "advice"),
    [
        ({"sku_price_effective_start": "2026-05-01"}, "2026-05-01, too: end line 2 on 2026-05-01"),
        ({}, "2026-01-01, too: leave one of them out"),
        (
            {"billing_account_id": "*", "sku_price_effective_end": "2026-02-01"},
            "2026-01-01, too: leave one of them out",
        ),
    ],
)
def test_overlapping_rates_that_are_as_specific_are_a_mistake(second, advice, find_mistakes):
    rule = "line 2 has a rate for the same provider, account, service and meter on"
    assert find_mistakes(make_rates({}, second)) == [f"rates.csv line 3, sku_price_effective_start: {rule} {advice}"]


def test_an_overlap_with_any_earlier_line_is_found_in_any_order(find_mistakes):
    rows = [
        {"sku_price_effective_start": "2026-06-01"},
        {"sku_price_effective_start": "2026-03-01", "sku_price_effective_end": "2026-04-01"},
        {"sku_price_effective_end": "2026-07-01"},
    ]
    assert [text.split(",")[0] for text in find_mistakes(make_rates(*rows))] == ["rates.csv line 2", "rates.csv line 3"]
    rows.reverse()
    assert [text.split(",")[0] for text in find_mistakes(make_rates(*rows))] == ["rates.csv line 3", "rates.csv line 4"]


def test_rates_that_follow_each_other_or_differ_do_not_overlap(read):
    rows = [
        {"sku_price_effective_end": "2026-05-01"},
        {"sku_price_effective_start": "2026-05-01"},
        {"service_name": "airbyte"},
        {"billing_account_id": "a"},
        {"sku_meter": "Runs"},
        {"service_provider_name": "B3OS"},
    ]
    assert len(read(make_rates(*rows)).rows) == 6


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        (b"", "is empty. Its first line must have the names of columns"),
        (b"\r\n;;;\r\n", "is empty. Its first line must have the names of columns"),
        (make_rates({"service_name": "é"}).encode("latin-1"), "is not UTF-8 (line 2). Save it as 'CSV UTF-8'"),
        (make_rates({}).encode("utf-16"), "is not UTF-8 (line 1). Save it as 'CSV UTF-8'"),
        (
            make_rates({"service_name": '"open'}),
            "is not CSV from line 2 on (unexpected end of data). Are the quotes closed?",
        ),
        (b'"open', "is not CSV from line 1 on (unexpected end of data). Are the quotes closed?"),
        (b"\n\xff", "is not UTF-8 (line 2). Save it as 'CSV UTF-8'"),
        ((b" " * 99_999 + b"\n") * 100, "is empty. Its first line must have the names of columns"),  # 10 MB
        (b"x" * 10_000_001, "is larger than 10 MB. Is it the right file?"),
    ],
)
def test_a_file_that_is_no_such_file_is_told(content, mistake, find_mistakes):
    assert find_mistakes(content) == [f"rates.csv {mistake}"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.csv", "No such file"),
        (".", "Is a directory"),
        ("no/folder.csv", "No such file"),
        ("nul\0.csv", "null byte"),
    ],
)
def test_a_path_that_cannot_be_read_is_told(name, reason, tmp_path):
    with pytest.raises(UsageConfigError, match=rf"cannot be read \(.*{reason}.*\). No table was changed.$"):
        read_files(tmp_path, {"rates": name})


def test_the_examples_are_right():
    folder = Path(__file__).parents[2] / "dags" / "reference"
    files = read_files(folder, {"rates": "rates.csv", "budgets": "budgets.csv"})
    assert all(file.rows for file in files.values())
