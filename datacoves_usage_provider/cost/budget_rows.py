"""What a file of budgets may say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datacoves_usage_provider.cost.alert_rules import parse_alert_rules
from datacoves_usage_provider.cost.cells import parse_amount, parse_month_start, parse_name, parse_name_or_any
from datacoves_usage_provider.cost.reference_file import CellRule, Kind, Mistake, Row, RowRule, check_end
from datacoves_usage_provider.cost.tables import ANY, DEFAULT_ALERT_RULES
from datacoves_usage_provider.text import quote

_NAME = "x_budget_name"


def _parse_rules(text: str) -> str:
    return " ".join(map(str, parse_alert_rules(parse_name_or_any(text))))


def _find_doubles(rows: Sequence[Row]) -> Iterator[Mistake]:
    lines: dict[str, int] = {}
    for row in rows:
        name = row.values.get(_NAME)
        if name is not None and lines.setdefault(name, row.line) != row.line:
            yield Mistake(row.line, _NAME, f"line {lines[name]} has a budget of this name, too: {quote(name)}")


BUDGETS = Kind(
    table="usage_budget",
    cells={
        _NAME: CellRule(parse_name, is_required=True),
        "service_provider_name": CellRule(parse_name_or_any, default=ANY),
        "billing_account_id": CellRule(parse_name_or_any, default=ANY),
        "sub_account_id": CellRule(parse_name_or_any, default=ANY),
        "service_name": CellRule(parse_name_or_any, default=ANY),
        "sku_meter": CellRule(parse_name_or_any, default=ANY),
        "x_amount": CellRule(parse_amount, is_required=True),
        "x_unit": CellRule(parse_name, is_required=True),
        "x_effective_start": CellRule(parse_month_start),
        "x_effective_end": CellRule(parse_month_start),
        "x_alert_rules": CellRule(_parse_rules, default=DEFAULT_ALERT_RULES),
    },
    rows=(RowRule(("x_effective_end", "x_effective_start"), check_end),),
    compare=_find_doubles,
)
