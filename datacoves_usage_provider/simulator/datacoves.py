"""The Datacoves Billing API (https://docs.datacoves.com, "Billing API"), and a switch for each point it leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any, ClassVar, Literal, get_args
from urllib.parse import unquote

from datacoves_usage_provider.simulator.api import SimulatedApi
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES, WorkerMinutes
from datacoves_usage_provider.simulator.errors import HttpError, django_error, django_not_found, django_redirect
from datacoves_usage_provider.simulator.exchange import Request, Response, json_response
from datacoves_usage_provider.simulator.usage import ONE_DAY, days_from, parse_day

DateStyle = Literal["timestamp", "date", "naive", "east", "west", "before-midnight"]
DATE_STYLES: tuple[DateStyle, ...] = get_args(DateStyle)
MAX_DAYS = 180

_ROUTE = re.compile(r"/api/v1/billing(?:/(?P<environment>[^/]+))?(?P<slash>/?)")
_EAST = timezone(timedelta(hours=5, minutes=30))
_WEST = timezone(timedelta(hours=-8))


@dataclass(kw_only=True)
class DatacovesBilling(WorkerMinutes, SimulatedApi):
    """
    One project's Billing API, without a socket. Its fields are switches that may be turned at any time.

    ``environments``: those of the project; any other is a 404. ``end_inclusive``: ``end_date`` is the last day, not the
    one after it. ``equal_dates``: False makes equal dates an error. ``limit_counts_days``: 180 days are counted with
    both ends, as in the vendor's sample script; False: the dates may lie 180 days apart. ``unknown_in_unfiltered``: the
    response to a request without ``service`` has that service too. ``older_defaults``: dates that are not given are
    today and in 30 days, not 30 days ago and today. ``date_style``: how ``date`` is written. ``rows_per_day``: into how
    many rows, which add up, the minutes of one environment, service and day are split. ``echo_key``: errors leak the
    key.

    A service that the documents do not name is not an error, as with a filter in Django: the response is empty.
    """

    name: ClassVar[str] = "Datacoves"
    path: ClassVar[str] = "/api/v1/billing"
    conn_type: ClassVar[str] = "datacoves_billing"
    host_path: ClassVar[str] = path

    key: str = "5eed0fa6ed51f1ca7e0000000000000000c0ffee"
    environments: tuple[str, ...] = ("abc123", "def456", "my-env")
    end_inclusive: bool = True
    equal_dates: bool = True
    limit_counts_days: bool = True
    unknown_in_unfiltered: bool = False
    older_defaults: bool = False
    date_style: DateStyle = "timestamp"
    rows_per_day: int = 1

    def respond(self, request: Request) -> Response:
        route = _ROUTE.fullmatch(unquote(request.path))
        if not route:
            return django_not_found()
        if not route["slash"]:
            return django_redirect(request)
        return django_error(request, self.key) or self._respond_to_get(route["environment"], request.query)

    def _respond_to_get(self, environment: str | None, query: dict[str, str]) -> Response:
        if environment and environment not in self.environments:
            return json_response(404, {"detail": "No Environment matches the given query."})
        try:
            days = self._read_days(query)
        except HttpError as error:
            return json_response(error.status, {"error": str(error)})
        environments = (environment,) if environment else self.environments
        return json_response(200, list(self._make_rows(environments, self._choose_services(query), days)))

    def _read_days(self, query: dict[str, str]) -> Iterator[date]:
        month, today = timedelta(days=30), self.now().date()
        start, end = (today, today + month) if self.older_defaults else (today - month, today)
        start, end = _read_date(query, "start_date", start), _read_date(query, "end_date", end)
        distance = (end - start).days
        if distance < 0 or (distance == 0 and not self.equal_dates):
            raise HttpError(400, "start_date must be before end_date.")
        if distance + self.limit_counts_days > MAX_DAYS:
            raise HttpError(400, "Date range cannot exceed 6 months (180 days).")
        return days_from(start, distance + self.end_inclusive)

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
                "date": _write_date(day, self.date_style, (number + 0.5) / count),
                "amount_minutes": (minutes + number) // count,
            }


def _read_date(query: dict[str, str], name: str, default: date) -> date:
    day = parse_day(query[name]) if name in query else default
    if day is None:
        raise HttpError(400, "Invalid date format. Use YYYY-MM-DD.")
    return day


@lru_cache(maxsize=1024)
def _write_date(day: date, style: DateStyle, share: float) -> str:
    """
    Return a moment of the UTC ``day`` as text; ``share`` (0 to 1) is how much of the day is over by then.

    The documents say only that it is a timestamp in UTC. ``east`` (+05:30) always names the next day, ``west`` (-08:00)
    the day before, and ``before-midnight`` is within the last microsecond of the day, which a client that rounds takes
    for the next one. Only ``naive`` and ``date`` do not say that they are UTC.
    """
    midnight = datetime.combine(day, time(), timezone.utc)
    if style == "date":
        return day.isoformat()
    if style == "before-midnight":
        return f"{day}T23:59:59.9999996Z"
    if style == "east":
        return (midnight + ONE_DAY - timedelta(hours=5.5) * (1 - share)).astimezone(_EAST).isoformat()
    if style == "west":
        return (midnight + timedelta(hours=8) * share).astimezone(_WEST).isoformat()
    return f"{(midnight + ONE_DAY * share).replace(tzinfo=None).isoformat()}{'' if style == 'naive' else 'Z'}"
