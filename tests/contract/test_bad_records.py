"""P8, P11 and P12: a record that is not what the documents say stops the load; the error names it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.cases import CASES, find_case
from tests.contract.wrong_responses import PLACEHOLDER, Field, RepeatedName, Text, change_row, repeat_row, set_field
from tests.drills.memory import measure_memory
from tests.support.truth import days, loaded, read_all, truth

DAY = date(2025, 3, 3)
ASKED = UsageQuery(days(DAY, 1))
ARGUMENTS = {"start": str(ASKED.window.start), "end": str(ASKED.window.end)}

WRONG: dict[str, list[Any]] = {
    "id": [None, 5, "", ["x"], "a\x00b", "x" * 300],
    "optional id": [5, "", {}, "a\x00b", "x" * 300],
    "name": [None, 5, ["x"], "a\x00b", "x" * 10_001],
    "count": [None, "5", True, -1, Decimal("1.5"), [], 10**20, 10**80],
    "amount": [None, "5", True, -1, Decimal("-0.000001"), {}, 10**20, 10**80, Decimal("1e-19")],
    "day": [None, 5, "", "yesterday", "2025-02-30", ["2025-03-03"]],
}
NOT_NUMBERS = ["1e99999999", "-1e99999999", "1e-99999999", "1e9999999999999999999", "NaN", "Infinity", "1" + "0" * 5000]

FIELDS = [(case, name, field) for case in CASES for name, field in case.row_fields.items()]
VALUES = [(case, name, field, value) for case, name, field in FIELDS for value in WRONG[field.kind]]
NUMBERS = [
    (case, name, field, text)
    for case, name, field in FIELDS
    if field.kind in ("count", "amount")
    for text in NOT_NUMBERS
]
NAMES = [(case, name, field) for case, name, field in FIELDS if field.kind == "name"]


def show(value: Any) -> str:
    return str(value.column) if isinstance(value, Field) else repr(str(value))[:20]


def read_wrong(simulator: Any, hook: Any, fault: faults.Fault) -> str:
    """Return the error's text."""
    simulator.faults.append(fault)
    with pytest.raises(UsageDataError) as raised:
        list(hook.get_usage(ASKED))
    return str(raised.value)


def is_named(name: str, field: Field, said: str) -> bool:
    """Return whether the error names the response's field, or the column that it fills, and is short enough to read."""
    return (f"'{name}'" in said or field.column in said or str(DAY) in said) and len(said) < 700


@pytest.mark.parametrize(("case", "name", "field", "value"), VALUES, ids=show)
def test_p8_a_value_that_is_wrong_names_its_field(case, simulator, hook, name, field, value):
    said = read_wrong(simulator, hook, faults.Edit(set_field(case, name, value)))
    assert is_named(name, field, said), said


@pytest.mark.parametrize(("case", "name", "field", "text"), NUMBERS, ids=show)
def test_p11_a_number_that_no_column_holds_is_an_error(case, simulator, hook, name, field, text):
    said = read_wrong(simulator, hook, Text(set_field(case, name, PLACEHOLDER), text))
    assert len(said) < 700


@pytest.mark.parametrize(("case", "name", "field"), [row for row in FIELDS if row[2].kind == "amount"], ids=show)
def test_p9_an_amount_of_many_digits_takes_no_more_memory_than_its_digits(case, simulator, hook, name, field):
    with measure_memory() as read_growth:
        read_wrong(simulator, hook, Text(set_field(case, name, PLACEHOLDER), f"0.{'1' * 3_000_000}"))
    assert read_growth() < 100


@pytest.mark.parametrize("text", ["0.5", "5e-1", "0.500000000000000000000000", "0.500000000000000001", "12"])
@pytest.mark.parametrize(("case", "name", "field"), [row for row in FIELDS if row[2].kind == "amount"], ids=show)
def test_p11_an_amount_is_taken_in_each_notation(case, simulator, hook, name, field, text):
    def change(body: Any) -> Any:
        for row in case.get_rows(body):
            row[name] = 0
        return set_field(case, name, PLACEHOLDER)(body)

    simulator.faults.append(Text(change, text))
    assert Decimal(text) in [getattr(record, field.column) for record in hook.get_usage(ASKED)]


@pytest.mark.parametrize(("case", "name", "field"), FIELDS, ids=show)
def test_p12_a_field_that_is_missing_is_named(case, simulator, hook, name, field):
    without = change_row(case, lambda row: {other: value for other, value in row.items() if other != name})
    assert f"missing required field `{name}`" in read_wrong(simulator, hook, faults.Edit(without))


@pytest.mark.parametrize(("case", "name", "field"), FIELDS, ids=show)
def test_p12_no_field_is_read_that_the_table_of_cases_lacks(case, api, simulator, hook, name, field):
    def strip(row: dict[str, Any]) -> dict[str, Any]:
        return {other: value for other, value in row.items() if other in case.row_fields} | {"new_field": [{"a": 1}]}

    simulator.faults.extend([faults.Edit(change_row(case, strip))] * 2)
    assert read_all(hook, ASKED) == truth(api, ASKED)


@pytest.mark.parametrize(("case", "name", "field"), NAMES, ids=show)
def test_p11_a_long_name_is_kept_whole(case, simulator, collect, warehouse, name, field):
    simulator.faults.append(faults.Edit(set_field(case, name, "Ünïcödé" + "x" * 293)))
    collect(**ARGUMENTS)
    assert warehouse.query(f"SELECT DISTINCT {field.column} FROM usage_daily WHERE length({field.column}) = 300") == [
        ("Ünïcödé" + "x" * 293,)
    ]


@pytest.mark.parametrize(("case", "name", "field"), FIELDS, ids=show)
def test_p12_of_a_name_that_is_there_twice_the_last_one_counts(case, api, simulator, hook, name, field):
    simulator.faults.append(RepeatedName(name, read_first(case, api)[name]))
    assert read_all(hook, ASKED) == truth(api, ASKED)


@pytest.mark.parametrize(("case", "name"), [(find_case("adverity"), "items"), (find_case("webcrawlerapi"), "data")])
@pytest.mark.parametrize("second", ["5", "1.5", "null", "[]", '""', "{}"])
def test_p8_rows_that_are_there_twice_and_wrong_at_first_do_not_crash(simulator, hook, name, second):
    said = read_wrong(simulator, hook, faults.Body(f'{{"{name}": [5], "{name}": {second}}}'))
    assert f"Expected `object`, got `int` - at `$.{name}[0]`." in said


def read_first(case: Any, api: Any) -> dict[str, Any]:
    """Values of the right types, but other ones."""
    other = {"count": 999_999, "amount": 999_999, "day": "1999-12-31"}
    return {name: other.get(field.kind, "another") for name, field in case.row_fields.items()}


def test_p12_a_row_that_is_there_twice_adds_up_or_is_an_error(case, api, simulator, hook):
    simulator.faults.append(faults.Edit(repeat_row(case)))
    if not case.adds_up_repeated_rows:
        with pytest.raises(UsageDataError, match=r"records|each day once"):
            list(hook.get_usage(ASKED))
        return
    held = truth(api, ASKED)
    found = read_all(hook, ASKED)
    (twice,) = [key for key in held if held[key] != found[key]]
    assert found[twice].quantity == 2 * held[twice].quantity


def test_p11_numbers_that_do_not_add_up_in_38_digits_are_an_error(case, simulator, hook):
    """Two records of one key, each of which has more digits than a sum may have."""
    kinds = ("count", "amount")
    number = next(name for kind in kinds for name, field in case.row_fields.items() if field.kind == kind)

    def change(body: Any) -> Any:
        first = case.get_rows(body)[0] | {number: 10**90}
        case.get_rows(body)[:1] = [first, first | {number: 1}]
        return case.retotal(body)

    assert len(read_wrong(simulator, hook, faults.Edit(change))) < 700


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000], ids=len)
def test_p8_deep_nesting_in_a_field_that_nobody_reads_does_not_crash(case, simulator, hook, text):
    assert "not JSON" in read_wrong(simulator, hook, Text(set_field(case, "something", PLACEHOLDER), text))


@pytest.mark.parametrize(("case", "filters"), [(case, filters) for case in CASES for filters in case.filters], ids=show)
def test_p8_a_row_that_was_not_requested_is_an_error_or_left_out(case, api, simulator, hook, filters):
    asked = UsageQuery(days(DAY, 31), filters)
    for name in filters:
        simulator.faults[:] = [faults.Edit(set_field(case, name, "another"))]
        if hook.api.ignores_unknown_values:
            found = read_all(hook, asked)
            assert found.items() < truth(api, asked).items()
            continue
        with pytest.raises(UsageDataError, match="'another', but only .* was requested"):
            list(hook.get_usage(asked))


def test_p8_nothing_is_loaded_of_a_chunk_with_one_wrong_record(case, simulator, collect, warehouse):
    name = next(iter(case.row_fields))
    simulator.faults.append(faults.Edit(set_field(case, name, 5)))
    with pytest.raises(AirflowFailException):
        collect(**ARGUMENTS)
    assert loaded(warehouse) == {}
    assert warehouse.query("SELECT * FROM usage_load_log") == []
