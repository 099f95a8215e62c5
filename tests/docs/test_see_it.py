"""What docs/see-it.md says of the page, its options and the report is what there is."""

from __future__ import annotations

from configparser import ConfigParser

from datacoves_usage_provider import ReportUsageOperator
from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.plugin import URL_PREFIX
from datacoves_usage_provider.report.cell_rows import MOST_ROWS
from datacoves_usage_provider.report.csv_files import TABLES
from datacoves_usage_provider.report.html import PERIODS
from datacoves_usage_provider.warehouse.reader import MAX_SECONDS
from tests.docs.arguments import find_defaults, read_arguments
from tests.docs.markdown import code_in, find_blocks, read

PAGE = "docs/see-it.md"


def test_the_options_are_those_of_the_configuration():
    options = get_provider_info()["config"]["datacoves_usage"]["options"]
    parser = ConfigParser()
    parser.read_string(next(block.text for block in find_blocks("ini") if block.page == PAGE))
    documented = {name: value or None for name, value in parser["datacoves_usage"].items()}
    assert documented == {name: option["default"] for name, option in options.items()}


def test_the_arguments_are_those_of_the_operator():
    assert read_arguments(ReportUsageOperator, PAGE) == find_defaults(ReportUsageOperator)


def test_the_files_are_those_that_are_written():
    (block,) = (block for block in find_blocks("text") if block.page == PAGE)
    documented = {line.split()[0] for line in block.text.splitlines()}
    assert documented == {"usage-2026-10.html", *(f"usage-2026-10-{table}.csv" for table in TABLES)}


def test_the_addresses_are_those_of_the_plugin():
    addresses = {code for code in code_in(read(PAGE)) if URL_PREFIX in code}
    assert addresses == {f"{URL_PREFIX}/", f"{URL_PREFIX}/dag/DAG_ID", f"/plugin{URL_PREFIX}"}


def test_the_limits_are_those_of_the_page():
    text = " ".join(read(PAGE).split())
    assert f"at most {MAX_SECONDS} seconds, the login included" in text
    assert f"at most {MOST_ROWS} rows of environments" in text
    assert "The three buttons show {}, {} or {} days".format(*PERIODS) in text
