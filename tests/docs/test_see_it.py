"""What docs/see-it.md says of the page, its options and the report is what there is."""

from __future__ import annotations

import inspect

from datacoves_usage_provider import ReportUsageOperator
from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.report.cell_rows import MOST_ROWS
from datacoves_usage_provider.report.csv_files import TABLES
from datacoves_usage_provider.report.html import PERIODS
from datacoves_usage_provider.warehouse.reader import MAX_SECONDS
from tests.docs.markdown import code_in, read, read_table

PAGE = "docs/see-it.md"


def test_the_options_are_those_of_the_configuration():
    options = get_provider_info()["config"]["datacoves_usage"]["options"]
    documented = {
        code_in(name)[0]: code_in(default)[0] if "`" in default else None
        for name, default, _ in read_table("option in `[datacoves_usage]`", page=PAGE)
    }
    assert documented == {name: option["default"] for name, option in options.items()}


def test_the_arguments_are_those_of_the_operator():
    parameters = inspect.signature(ReportUsageOperator.__init__).parameters
    documented = {code_in(name)[0]: default for name, default, _ in read_table("argument", page=PAGE)}
    defaults = {
        name: "required" if parameter.default is parameter.empty else f"`{parameter.default!r}`".replace("'", '"')
        for name, parameter in parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert documented == defaults
    assert set(documented) == set(ReportUsageOperator.template_fields)


def test_the_files_are_those_that_are_written():
    documented = {code_in(name)[0] for name, _ in read_table("file", page=PAGE)}
    assert documented == {"usage-2026-10.html", *(f"usage-2026-10-{table}.csv" for table in TABLES)}


def test_the_limits_are_those_of_the_page():
    text = " ".join(read(PAGE).split())
    assert f"at most {MAX_SECONDS} seconds, the login included" in text
    assert f"at most {MOST_ROWS} rows of environments" in text
    assert "The three buttons show {}, {} or {} days".format(*PERIODS) in text
