"""When a budget alerts."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from datacoves_usage_provider.cost.forecast import MonthForecast
from datacoves_usage_provider.text import quote

_RULE = re.compile(r"(used|forecast):([1-9]\d{0,3})", re.ASCII)
_FIRST_DAY_OF_FORECASTS = 5


class AlertRule(NamedTuple):
    """``used:80``: 80 % of the amount are used. ``forecast:110``: from the 5th on, 110 % are to be expected."""

    figure: str
    percent: int

    def __str__(self) -> str:
        return f"{self.figure}:{self.percent}"

    def find_value(self, month: MonthForecast, amount: Decimal, as_of: date) -> Decimal | None:
        """Return what fires the rule for a month as it is known up to ``as_of``; None if it does not fire."""
        if self.figure == "forecast" and as_of.day < _FIRST_DAY_OF_FORECASTS:
            return None
        value = month.used if self.figure == "used" else month.forecast
        return value if value is not None and Fraction(value) * 100 >= Fraction(amount) * self.percent else None


def parse_alert_rules(text: str) -> tuple[AlertRule, ...]:
    """Return rules that are separated by blanks, such as ``used:80 forecast:110``; ``ValueError`` if they are not."""
    return tuple(dict.fromkeys(map(_parse_rule, text.split())))


def _parse_rule(text: str) -> AlertRule:
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{quote(text)} is not an alert rule: used:P or forecast:P with a whole percentage from 1 to 9999"
        )
    return AlertRule(match[1], int(match[2]))
