"""The B3OS API far away: each response takes its time, and too many in one second are rejected."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import date, datetime, timezone
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from benchmarks.servers.http import Respond, make_response, serve
from benchmarks.source import days_from

WORKFLOWS = 10
_TOO_MANY_REQUESTS = make_response(b'{"code":429,"message":"slow down"}', "429 Too Many Requests", "Retry-After: 1")


def main(start: str, count: str, latency: str, limit: str) -> None:
    """``latency``: seconds before each response; ``limit``: responses in each second, 0 for any number."""
    prepared = {str(day): _prepare(day) for day in days_from(date.fromisoformat(start), int(count))}
    serve(_limit(int(limit), _delay(float(latency), lambda target: prepared[_find_day(target)])))


def _prepare(day: date) -> bytes:
    workflows = ",".join(
        f'{{"workflowId":"wf{n}","workflowName":"Workflow {n}","totalCu":{day.day + n}.25,"runCount":{day.day * n},'
        '"status":"active","isStream":false}'
        for n in range(WORKFLOWS)
    )
    return make_response(
        f'{{"code":0,"data":{{"workflows":[{workflows}]}},"message":"successfully","requestId":"req_{day}"}}'.encode()
    )


def _find_day(target: str) -> str:
    milliseconds = int(parse_qs(urlsplit(target).query)["from"][0])
    return str(datetime.fromtimestamp(milliseconds / 1000, timezone.utc).date())


def _delay(seconds: float, respond: Respond) -> Respond:
    def wait(target: str) -> bytes:
        time.sleep(seconds)
        return respond(target)

    return wait


def _limit(most: int, respond: Respond) -> Respond:
    counts: Counter[int] = Counter()
    counting = Lock()

    def limited(target: str) -> bytes:
        with counting:
            second = int(time.monotonic())
            counts[second] += 1
            if most and counts[second] > most:
                return _TOO_MANY_REQUESTS
        return respond(target)

    return limited


if __name__ == "__main__":
    main(*sys.argv[1:])
