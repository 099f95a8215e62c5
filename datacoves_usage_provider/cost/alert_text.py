"""How a month stands against its budget, in sentences that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pendulum

from datacoves_usage_provider.api.adverity import AdverityApi
from datacoves_usage_provider.api.b3os import B3osApi
from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.webcrawlerapi import WebCrawlerApi
from datacoves_usage_provider.cost.budget_status import BudgetStatus
from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.cost.rises import Rise
from datacoves_usage_provider.text import shorten

_APIS = (AdverityApi, B3osApi, DatacovesBillingApi, WebCrawlerApi)
_SUB_ACCOUNT_NOUNS = {api.service_provider_name: api.sub_account_noun for api in _APIS}
_NOUNS = {"sub_account_id": "sub account", "service_name": "service", "resource_id": "resource"}
_MOST_DAYS = 5


def describe(status: BudgetStatus) -> str:
    """Return one line: how much of what, how far the month is, the forecast, what is missing, and who moved it most."""
    return " ".join(_write_sentences(status))
