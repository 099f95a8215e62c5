"""The query of a request to the Adverity Management API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from datacoves_usage_provider.simulator.errors import HttpError
from datacoves_usage_provider.simulator.exchange import Request
from datacoves_usage_provider.simulator.usage import ONE_DAY, parse_day

_COUNT = re.compile(r"0*[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class AdverityQuery:
    """``date_to`` and ``page_size`` are as requested, however late or large; without ids nothing is filtered."""

    monthly: bool
    date_from: date
    date_to: date
    workspace_ids: tuple[str, ...]
    datastream_ids: tuple[str, ...]
    page: int
    page_size: int


def read_query(request: Request, today: date) -> AdverityQuery:
    """Raises ``HttpError``. The default dates are the first day of the month of ``today``, and yesterday."""
    date_from, date_to = _read_day(request, "date_from"), _read_day(request, "date_to")
    if date_from and date_to and date_from > date_to:
        raise HttpError(400, "date_from must not be after date_to.")
    return AdverityQuery(
        monthly=_read_granularity(request) == "monthly",
        date_from=date_from or today.replace(day=1),
        date_to=date_to or today - ONE_DAY,
        workspace_ids=request.values("workspace_id"),
        datastream_ids=request.values("datastream_id"),
        page=_read_count(request, "page", 1),
        page_size=_read_count(request, "page_size", 50),
    )


def _read_granularity(request: Request) -> str:
    granularity = request.query.get("granularity", "daily")
    if granularity not in ("daily", "monthly"):
        raise HttpError(400, f'"{granularity}" is not a valid choice for granularity.')
    return granularity


def _read_day(request: Request, name: str) -> date | None:
    """Return None where it is not given."""
    if name not in request.query:
        return None
    day = parse_day(request.query[name])
    if day is None:
        raise HttpError(400, f"{name}: Date has wrong format. Use YYYY-MM-DD.")
    return day


def _read_count(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not _COUNT.fullmatch(text):
        raise HttpError(400, f"{name}: A valid positive integer is required.")
    return int(text)
