"""
The Datacoves Billing API for many environments.

Where its documentation is open it is kind to the simplest client: ``end_date`` is inclusive, and a response that names
no service has all three.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

from benchmarks.servers.http import make_response, serve
from benchmarks.source import SERVICES, Row, days_from, make_rows, restate

_Prepared = Mapping[tuple[str | None, date], bytes]


def main(start: str, count: str, environments: str, restatement: str = "", every: str = "7") -> None:
    rows = make_rows(days_from(date.fromisoformat(start), int(count)), int(environments))
    prepared = _prepare(list(restate(rows, restatement, int(every)) if restatement else rows))
    serve(lambda target: _respond(prepared, target))


def _prepare(rows: list[Row]) -> _Prepared:
    """Return the JSON text of each day's rows, of one service or of all (None)."""
    prepared = {}
    for day, group in groupby(rows, key=lambda row: row.day):
        of_day = list(group)
        for service in (None, *SERVICES):
            chosen = [_write(row) for row in of_day if service in (None, row.service)]
            if chosen:
                prepared[service, day] = ",".join(chosen).encode()
    return prepared


def _write(row: Row) -> str:
    return (
        f'{{"environment_slug":"{row.environment}","service":"{row.service}",'
        f'"date":"{row.day}T{row.hour:02}:30:00Z","amount_minutes":{row.minutes}}}'
    )


def _respond(prepared: _Prepared, target: str) -> bytes:
    parameters = parse_qs(urlsplit(target).query)
    start, end = (date.fromisoformat(parameters[name][0]) for name in ("start_date", "end_date"))
    service = parameters.get("service", [None])[0]
    days = days_from(start, (end - start).days + 1)
    return make_response(b"[%s]" % b",".join(prepared[service, day] for day in days if (service, day) in prepared))


if __name__ == "__main__":
    main(*sys.argv[1:])
