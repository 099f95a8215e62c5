"""The Datacoves Billing API (https://docs.datacoves.com, "Billing API"), and a switch for each point it leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

from datacoves_usage_provider.simulator import django
from datacoves_usage_provider.simulator.datacoves_dates import DateStyle, write_date
from datacoves_usage_provider.simulator.datacoves_minutes import SERVICES, WorkerMinutes
from datacoves_usage_provider.simulator.datacoves_period import AskedPeriod, RefusedPeriodError, read_date
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.key_echo import KeyEcho

_ROUTE = re.compile(r"/api/v1/billing(?:/(?P<environment>[^/]+))?(?P<slash>/?)")


@dataclass(kw_only=True)
class DatacovesBilling(WorkerMinutes, KeyEcho):
    """
    One project's Billing API, without a socket. Its fields are switches that may be turned at any time.

    ``environments``: those of the project; any other is a 404. ``end_inclusive``: ``end_date`` is the last day, not the
    one after it. ``equal_dates``: False refuses equal dates. ``limit_counts_days``: 180 days are counted with both
    ends, as in the vendor's sample script; False: the dates may lie 180 days apart. ``unknown_in_unfiltered``: an
    answer to a request without ``service`` has that service too. ``older_defaults``: dates that are not given are today
    and in 30 days, not 30 days ago and today. ``date_style``: how ``date`` is written. ``rows_per_day``: into how many
    rows, which add up, the minutes of one environment, service and day are split. ``echo_key``: errors tell the key.

    A service that the documents do not name is no error, as with a filter in Django: its answer is empty.
    """

    path: ClassVar[str] = "/api/v1/billing"

    key: str = "5eed0fa6ed51f1ca7e0000000000000000c0ffee"
    environments: tuple[str, ...] = ("abc123", "def456", "my-env")
    end_inclusive: bool = True
    equal_dates: bool = True
    limit_counts_days: bool = True
    unknown_in_unfiltered: bool = False
    older_defaults: bool = False
    date_style: DateStyle = "timestamp"
    rows_per_day: int = 1

    def answer(self, request: Request) -> Response:
        route = _ROUTE.fullmatch(unquote(request.path))
        if not route:
            return django.no_such_page()
        if not route["slash"]:
            return django.add_slash(request)
        refusal = django.check_token(request, self.key) or django.check_method(request)
        return refusal or self._answer_get(route["environment"], request.query)

    def _answer_get(self, environment: str | None, query: dict[str, str]) -> Response:
        if environment and environment not in self.environments:
            return json_response(404, {"detail": "No Environment matches the given query."})
        try:
            period = self._read_period(query)
        except RefusedPeriodError as error:
            return json_response(400, {"error": str(error)})
        environments = (environment,) if environment else self.environments
        days = period.days(end_inclusive=self.end_inclusive)
        return json_response(200, list(self._make_rows(environments, self._choose_services(query), days)))

    def _read_period(self, query: dict[str, str]) -> AskedPeriod:
        month, today = timedelta(days=30), self.now().date()
        start, end = (today, today + month) if self.older_defaults else (today - month, today)
        if "start_date" in query:
            start = read_date(query["start_date"])
        if "end_date" in query:
            end = read_date(query["end_date"])
        period = AskedPeriod(start, end)
        period.check(equal_dates=self.equal_dates, limit_counts_days=self.limit_counts_days)
        return period

    def _choose_services(self, query: dict[str, str]) -> tuple[str, ...]:
        if "service" in query:
            return tuple(service for service in SERVICES if service == query["service"])
        return SERVICES if self.unknown_in_unfiltered else ("airflow", "airbyte")

    def _make_rows(
        self, environments: Iterable[str], services: Iterable[str], days: Iterable[date]
    ) -> Iterator[dict[str, Any]]:
        for day in days:
            for environment in environments:
                for service in services:
                    minutes = self.minutes(environment, service, day)
                    if minutes is not None:
                        yield from self._split(environment, service, day, minutes)

    def _split(self, environment: str, service: str, day: date, minutes: int) -> Iterator[dict[str, Any]]:
        count = self.rows_per_day
        for number in range(count):
            yield {
                "environment_slug": environment,
                "service": service,
                "date": write_date(day, self.date_style, (number + 0.5) / count),
                "amount_minutes": (minutes + number) // count,
            }
