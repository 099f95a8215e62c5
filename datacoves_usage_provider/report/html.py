"""Writes what was found as HTML: the page's content, a report of its own, and sentences where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from datacoves_usage_provider.report import numbers
from datacoves_usage_provider.report.bars import DailyColumns, get_states, make_monthly_columns
from datacoves_usage_provider.report.budget_rows import make_budget_rows, show_forecast
from datacoves_usage_provider.report.calendar import draw_calendar
from datacoves_usage_provider.report.chart import draw_columns
from datacoves_usage_provider.report.comparison import ROUNDED
from datacoves_usage_provider.report.dag import DagSummary
from datacoves_usage_provider.report.dag_rows import DagRow
from datacoves_usage_provider.report.money import add_money, find_places
from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import AccountReadings, Readings
from datacoves_usage_provider.report.summary import AccountSummary, MeterSummary, summarize

PERIODS = (7, 31, 92)


@dataclass(frozen=True)
class Links:
    """What a page links to; all relative, as it may be below any prefix. ``days`` is what is shown now."""

    days: int
    account: Any = None

    def to_days(self, days: int) -> str:
        return self._make(days, self.account)

    def to_account(self, account: Any) -> str:
        return self._make(self.days, account)

    def to_dag(self, account: Any, row: DagRow) -> str:
        return f"dag/{quote(row.dag_id, safe='')}{_write_query(self.days, account, row.sub_account_id)}"

    def _make(self, days: int, account: Any) -> str:
        return _write_query(days, account)


def _write_query(days: int, account: Any, sub_account_id: str | None = None, is_tab: bool = False) -> str:
    chosen = {} if account is None else {"provider": account[0], "account": account[1]}
    environment = {} if sub_account_id is None else {"environment": sub_account_id}
    return f"?{urlencode({'days': days, **chosen, **environment, **({'tab': 1} if is_tab else {})})}"


@dataclass(frozen=True)
class MeterSection:
    """One meter with its pictures. ``number`` tells it from the others of the document."""

    summary: MeterSummary
    number: str
    readings: AccountReadings
    period: ReportPeriod

    @property
    def daily(self) -> DailyColumns:
        return DailyColumns(self.readings, self.summary.meter, self.period.shown)

    @property
    def months_chart(self) -> Markup | None:
        months = self.readings.months.get(self.summary.meter, {})
        if len(months) < 2:
            return None
        unit, until = self.summary.meter.unit, self.period.until
        columns = make_monthly_columns(months, self.readings.coverage, unit, until)
        return Markup(draw_columns(columns, f"months-{self.number}"))  # noqa: S704 - the chart escapes its texts

    def draw(self, daily: DailyColumns) -> Markup:
        return Markup(draw_columns(daily.columns, f"days-{self.number}"))  # noqa: S704 - the same


@dataclass(frozen=True)
class AccountSection:
    summary: AccountSummary
    meters: Sequence[MeterSection]
    calendar: Markup


def render_content(readings: Readings, period: ReportPeriod, links: Links | None) -> str:
    """Return the content of a page, or of a report if there are no ``links``."""
    sections = [_make_section(each, period, index) for index, each in enumerate(readings.read)]
    budgets = make_budget_rows(readings.budgets)
    shown = {"readings": readings, "period": period, "sections": sections, "budgets": budgets}
    return _render("usage.html", **shown, links=links, periods=PERIODS)


def render_report(readings: Readings, period: ReportPeriod) -> str:
    """Return a document of its own: no script, nothing that is loaded from elsewhere."""
    title = f"Usage in {numbers.show_month(period.month.start)}"
    return render_document(title, render_content(readings, period, None), is_paper=True)


def render_dag(summary: DagSummary, link_back: str | None) -> str:
    columns = summary.columns
    chart = Markup(draw_columns(columns, "dag"))  # noqa: S704 - the chart escapes its texts
    found = summary.readings
    links = {days: _write_query(days, found.account, found.sub_account_id, link_back is None) for days in PERIODS}
    return _render("dag.html", dag=summary, chart=chart, link_back=link_back, links=links)


def render_message(title: str, *sentences: str) -> str:
    return _render("message.html", title=title, sentences=sentences)


def render_document(title: str, content: str, is_paper: bool = False) -> str:
    """Return a whole HTML document around ``content``; one on paper is light and has no script."""
    return _render("document.html", title=title, content=Markup(content), is_paper=is_paper)  # noqa: S704 - our own


def render_style() -> str:
    return _render("style.css")


def render_script() -> str:
    return _render("hover.js")


def _make_section(readings: AccountReadings, period: ReportPeriod, index: int) -> AccountSection:
    summary = summarize(readings, period)
    meters = [MeterSection(meter, f"{index}-{number}", readings, period) for number, meter in enumerate(summary.meters)]
    calendar = draw_calendar(get_states(readings.coverage, period.until))
    return AccountSection(summary, meters, Markup(calendar))  # noqa: S704 - the calendar has no text of others


def _render(name: str, **values: Any) -> str:
    with localcontext(ROUNDED):  # templates subtract and divide numbers that have more digits than Python's 28
        return _make_environment().get_template(name).render(**values)


@cache
def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "amount": mark_amount,
        "breakable": break_names,
        "money": add_money,
        "number": mark_number,
        "rounded": numbers.show_rounded,
        "difference": numbers.show_difference,
        "forecast": show_forecast,
        "percent": _show_percent,
        "places": find_places,
        "day": numbers.show_day,
        "days": numbers.show_days,
        "month": numbers.show_month,
        "short_month": numbers.show_short_month,
    }
    return environment


def break_names(name: str) -> Markup:
    """Let a line end after an underscore or a dot of ``name`` rather than within its words."""
    return Markup(re.sub("([_.])", r"\1<wbr>", str(escape(name))))  # noqa: S704 - escaped before


def mark_number(number: Decimal) -> Markup:
    """Show all digits; a number with more than six decimals is rounded, and keeps its digits in ``<data>``."""
    return _mark(number, numbers.show_rounded(number)) if numbers.is_long(number) else escape(numbers.show(number))


def mark_amount(amount: Decimal, places: int) -> Markup:
    """Show an amount of money as a number, with at least so many decimals; if it is rounded, with just as many."""
    if not numbers.is_long(amount):
        return escape(numbers.show(amount, places))
    return _mark(amount, numbers.show(numbers.round_to(amount, places), places))


def _mark(number: Decimal, rounded: str) -> Markup:
    exact = numbers.show(number).replace(",", "")
    return Markup('<data value="{0}" title="{0}">{1}</data>').format(exact, rounded)


def _show_percent(share: Decimal) -> str:
    return f"{share * 100:.1f} %"
