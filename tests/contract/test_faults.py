"""P8 and P9: each fault at the first, a middle and the last request: it costs one try, or the error says what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import accumulate

import pytest

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.compat import AirflowFailException, BaseHook
from datacoves_usage_provider.exceptions import (
    UsageApiError,
    UsageApiUnavailableError,
    UsageConfigError,
    UsageDataError,
    UsageError,
)
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import Simulator, faults
from datacoves_usage_provider.simulator.exchange import Response
from tests.contract.cases import CASES
from tests.contract.conftest import connect
from tests.support.truth import days, loaded, logged_days, read_all, take, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 63))
POSITIONS = {"first": lambda _: 0, "middle": lambda count: count // 2, "last": lambda count: count - 1}


@dataclass(frozen=True)
class Soon:
    """Until a date that is 25 seconds after the response."""

    def spoil(self, response: Response) -> Response:
        soon = datetime.now(timezone.utc) + timedelta(seconds=25)
        return faults.Status(503, retry_after=format_datetime(soon, usegmt=True)).spoil(response)


PASSING = [
    faults.Status(408),
    faults.Status(429),
    faults.Status(429, retry_after=7),
    faults.Status(500),
    faults.Status(502, html="<h1>Bad Gateway</h1>"),
    Soon(),
    faults.Status(504, detail="Too slow."),
    faults.DropConnection(),
    faults.CutAfter(0),
    faults.CutAfter(1),
    faults.EarlyEnd(0),
    faults.EarlyEnd(1),
    *(faults.Body(f'[{{"amount_minutes": {cut}') for cut in ("-", "1", "1.", "1.5e", "1.5E+", "1.5e-3", "1.5, ")),
]
FINAL = [
    (faults.Status(400, detail="Not like this."), UsageApiError, ["400", "“", "Not like this."]),
    (faults.Status(401, detail="Who is it?"), UsageConfigError, ["401", "_default'", "Who is it?", "password field"]),
    (faults.Status(403), UsageConfigError, ["403", "_default'", "password field"]),
    (faults.Status(400, html="<h1>TLS!"), UsageApiError, ["400 Bad Request. The response is an HTML page"]),
    (
        faults.Status(403, html="<h1>Who?"),
        UsageConfigError,
        ["403 Forbidden. The response is an HTML page", "password"],
    ),
    (faults.Status(405), UsageApiError, ["405"]),
    (faults.Status(418), UsageApiError, ["418"]),
    (faults.Status(429, retry_after=3600), UsageApiUnavailableError, ["429", "before 20", "That is too long"]),
    (faults.Redirect("https://login.example.com/"), UsageConfigError, ["login.example.com", "host field"]),
    (faults.Html(), UsageConfigError, ["HTML page instead of JSON", "host field"]),
    (faults.Body("nonsense"), UsageDataError, ["not JSON", "nonsense"]),
    (faults.Body("[" * 100_000), UsageDataError, ["not JSON"]),
    (faults.Body("[1.,2]"), UsageDataError, ["not JSON", "[1.,2]"]),
    (faults.Body("[]x"), UsageDataError, ["not JSON", "[]x"]),
    (faults.Body("null"), UsageDataError, ["the whole response is null"]),
    (faults.Rows([1]), UsageDataError, ["is", "Expected"]),
    (faults.Edit(lambda _: {"a": 1}), UsageDataError, ["the whole response"]),
]


@pytest.fixture(scope="module")
def clean_readings() -> dict[str, list[UsageChunk]]:
    """The chunks of a reading without faults, by connection type."""
    found = {}
    for case in CASES:
        api = case.make_api()
        with Simulator(api) as simulator, pytest.MonkeyPatch.context() as monkeypatch:
            connect(monkeypatch, case, api, simulator, case.conn_id)
            found[case.conn_type] = list(BaseHook.get_connection(case.conn_id).get_hook().read(ASKED))
    return found


@pytest.fixture
def clean(case, clean_readings) -> list[UsageChunk]:
    return clean_readings[case.conn_type]


def put(simulator: Simulator, clean: Iterable[UsageChunk], position: str, *found: faults.Fault) -> list[UsageChunk]:
    """Let faults meet the request at ``position``, and its next tries; return the chunks that are whole before it."""
    ends = list(accumulate(chunk.requests for chunk in clean))
    at = POSITIONS[position](ends[-1])
    simulator.faults[:] = [*[None] * at, *found]
    return [chunk for chunk, end in zip(clean, ends, strict=True) if end <= at]


def take_until_it_fails(chunks: Iterable[UsageChunk], taken: list[UsageChunk]) -> None:
    for chunk in chunks:
        taken.append(chunk)  # noqa: PERF402 - what came before the error is kept


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: repr(fault)[:60])
def test_p9_what_passes_costs_nothing_but_a_try(api, simulator, hook, clean, sleeps, fault, position):
    put(simulator, clean, position, fault)
    chunks = list(hook.read(ASKED))
    assert take(record for chunk in chunks for record in chunk.records) == truth(api, ASKED)
    assert sum(chunk.retries for chunk in chunks) == len(sleeps) == 1
    assert sum(chunk.requests for chunk in chunks) == len(simulator.requests)
    assert len(simulator.requests) == sum(chunk.requests for chunk in clean) + 1


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize(("fault", "error", "words"), FINAL, ids=lambda value: repr(value)[:60])
def test_p8_what_is_final_is_the_error_that_helps_and_yields_no_chunk(
    simulator, hook, clean, sleeps, fault, error, words, position
):
    before = put(simulator, clean, position, fault)
    taken: list[UsageChunk] = []
    with pytest.raises(UsageError) as raised:
        take_until_it_fails(hook.read(ASKED), taken)
    assert type(raised.value) is error
    assert [word for word in words if word not in str(raised.value)] == []
    assert [chunk.records for chunk in taken] == [chunk.records for chunk in before]
    assert sleeps == []


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", [faults.Status(503), faults.Html(), faults.Body("null")], ids=repr)
def test_p8_nothing_is_loaded_of_a_chunk_that_fails(
    api, simulator, clean, collect, sqlite_warehouse, sleeps, fault, position
):
    before = put(simulator, clean, position, *[fault] * 20)
    window = {"start": str(ASKED.window.start), "end": str(ASKED.window.end)}
    with pytest.raises(UsageApiUnavailableError if fault == faults.Status(503) else AirflowFailException):
        collect(**window)
    assert loaded(sqlite_warehouse) == take(record for chunk in before for record in chunk.records)
    assert logged_days(sqlite_warehouse) == [str(day) for chunk in before for day in chunk.days]
    simulator.faults.clear()
    collect(**window)
    assert loaded(sqlite_warehouse) == truth(api, ASKED)


def test_p8_what_404_means_is_said(case, simulator, hook):
    simulator.faults.append(faults.Status(404, detail="Nothing here."))
    with pytest.raises((UsageConfigError, UsageApiError)) as raised:
        list(hook.read(ASKED))
    assert [word for word in (case.words_of_404, "Nothing here.", "404") if word not in str(raised.value)] == []


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: repr(fault)[:60])
def test_p9_the_fifth_try_is_the_last(simulator, hook, sleeps, fault):
    simulator.faults.extend([fault] * 500)
    with pytest.raises(UsageApiUnavailableError, match="Gave up after 5 tries"):
        list(hook.read(UsageQuery(days(date(2025, 3, 1), 1))))
    tries = Counter(request.target for request in simulator.requests)
    assert max(tries.values()) == 5
    assert 4 <= len(sleeps) <= 4 * len(tries)
    assert sum(sleeps) <= 120 * len(tries)


def test_p9_a_server_that_stays_silent_is_left_after_the_timeout(api, simulator, set_conn, hook, sleeps):
    set_conn(timeout=1)
    simulator.faults.append(faults.Slow(120))
    asked = UsageQuery(days(date(2025, 3, 1), 2))
    assert read_all(hook, asked) == truth(api, asked)
    assert sleeps


def test_p8_p9_every_fault_of_the_simulator_is_tried():
    every = {kind for kind in vars(faults).values() if isinstance(kind, type) and hasattr(kind, "spoil")}
    tried = {type(fault) for fault in (*PASSING, *(fault for fault, *_ in FINAL))}
    assert every - {faults.Fault, faults.Slow} <= tried


def test_p9_a_response_above_the_limit_is_an_error(api, set_conn, make_hook):
    set_conn(max_answer_mb=0.0001)
    with pytest.raises(UsageConfigError, match="larger than 0.0001 MB.*max_answer_mb"):
        read_all(make_hook(), ASKED)
    set_conn(max_answer_mb="1")
    assert read_all(make_hook(), ASKED) == truth(api, ASKED)
