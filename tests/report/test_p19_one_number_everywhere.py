"""What the page shows is what SQL says, to the last digit; what is compared covers equal spans of loaded days."""

from __future__ import annotations

from decimal import Decimal

import pytest

from datacoves_usage_provider.report import html
from datacoves_usage_provider.report.numbers import show
from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.summary import summarize
from tests.report.conftest import TODAY
from tests.support.page_usage import B3OS, DATACOVES

MONTH = """
    SELECT sum(consumed_quantity) FROM {view}
    WHERE service_provider_name = :provider AND billing_period_start = '2026-11-01'
"""


@pytest.fixture
def shown(page_usage, reader):
    def show_account(account, days=31):
        period = make_page_period(TODAY, days)
        readings = read_usage(reader, period, account)
        return summarize(readings.read[0], period), html.render_content(readings, period, html.Links(days, account))

    return show_account


def ask(warehouse, sql, **parameters):
    ((number,),) = warehouse.query(sql, **parameters)
    return Decimal(str(number))


@pytest.mark.parametrize("account", [DATACOVES, B3OS], ids=str)
def test_p19_the_month_is_that_of_usage_monthly(shown, warehouse, account):
    summary, content = shown(account)
    expected = ask(warehouse, MONTH.format(view="usage_monthly"), provider=account.service_provider_name)
    (meter,) = summary.meters
    assert meter.so_far == expected == sum(row.quantity for row in meter.rows)
    assert show(meter.so_far) in content
