"""A period's totals in one line for people, which stays short however many sub accounts there are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import groupby
from operator import attrgetter

from datacoves_usage_provider.columns import EXACT
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.text import shorten
from datacoves_usage_provider.totals import PeriodTotals, UsageTotal, plain

_MOST_METERS = 10
_MOST_COSTS = 3
_MOST_NAMED = 3
_NAMED_OF_MORE = 2
_LONGEST_NAME = 40
_get_meter = attrgetter("meter")


def describe_totals(totals: PeriodTotals) -> str:
    """
    Return the total of each meter with its largest sub accounts; ``""`` if there is none.

    For example ``2,351 Minutes (production 1,410, development 523, 2 more)``, or, where the vendor reports costs,
    ``120 Requests for 0.25 USD (org_7d2)``.
    """
    by_meter = [(meter, [*group]) for meter, group in groupby(totals.get("meter"), _get_meter)]
    by_sub_account = _add_up_sub_accounts(totals.get())
    units = Counter(meter.unit for meter in (*by_sub_account, *totals.find_meters_without_total()))
    sums = [
        _describe_sum(meter.name if units[meter.unit] > 1 else meter.unit, group)
        + _describe_largest(by_sub_account[meter], totals.names)
        for meter, group in by_meter[:_MOST_METERS]
    ]
    return "; ".join([*sums, *_count_more(len(by_meter) - _MOST_METERS)])


def list_names(names: Sequence[str]) -> str:
    return ", ".join([*map(_shorten, names[:_MOST_METERS]), *_count_more(len(names) - _MOST_METERS)])


def _add_up_sub_accounts(totals: Iterable[UsageTotal]) -> Mapping[Meter, Mapping[str, Decimal]]:
    sums: defaultdict[Meter, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with localcontext(EXACT):
        for total in totals:
            sums[total.meter][total.sub_account_id or ""] += total.consumed_quantity
    return sums


def _describe_sum(noun: str, totals: Sequence[UsageTotal]) -> str:
    """Describe ``totals`` of one meter; they differ only in their currencies, which are never added up."""
    with localcontext(EXACT):
        quantity = sum((total.consumed_quantity for total in totals), Decimal())
    with_unknown_last = sorted(totals, key=lambda total: total.effective_cost is None)
    costs = [*map(_describe_cost, with_unknown_last)] if any(total.billing_currency for total in totals) else []
    price = " and ".join([*costs[:_MOST_COSTS], *_count_more(len(costs) - _MOST_COSTS)])
    return f"{_show(quantity)} {_shorten(noun)}{price and ' for '}{price}"


def _describe_cost(total: UsageTotal) -> str:
    if total.effective_cost is None or total.billing_currency is None:
        return f"an unknown cost{' in ' if total.billing_currency else ''}{_shorten(total.billing_currency or '')}"
    return f"{_show(total.effective_cost)} {_shorten(total.billing_currency)}"


def _describe_largest(quantities: Mapping[str, Decimal], names: Mapping[str, str]) -> str:
    """List the largest sub accounts in brackets, by name if they have one, otherwise by id; ``""`` if there is none."""
    largest = sorted(sorted(filter(None, quantities)), key=quantities.__getitem__, reverse=True)
    if len(largest) == 1:
        return f" ({_shorten(names.get(largest[0], largest[0]))})"
    named = largest[: _MOST_NAMED if len(largest) <= _MOST_NAMED else _NAMED_OF_MORE]
    shares = [f"{_shorten(names.get(name, name))} {_show(quantities[name])}" for name in named]
    return f" ({', '.join([*shares, *_count_more(len(largest) - len(named))])})" if shares else ""


def _count_more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"{count:,} more"


def _shorten(name: str) -> str:
    return shorten(name, _LONGEST_NAME)


def _show(number: Decimal) -> str:
    return format(Decimal(plain(number)), ",f")
