"""P4, P5, P8: a backfill that meets faults of every kind and is tried again until it is done has what the API has."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import Simulator, faults
from tests.contract.cases import CASES
from tests.contract.conftest import connect
from tests.contract.test_faults import FINAL, PASSING
from tests.support.truth import days, loaded, truth

FIRST_DAY = date(2025, 1, 1)
MOST_TRIES = 30
MOST_REQUESTS = 20_000
TIMEOUT = 0.5
SILENT = faults.Slow(60)


def roll_fault(dice: random.Random, final: float) -> faults.Fault | None:
    """Return what meets a request: one in five may pass, and ``final`` of all end the task at once."""
    rolled = dice.random()
    if rolled < final:
        return dice.choice(FINAL)[0]
    if rolled < final + 0.2:
        size = dice.randrange(3000)
        return dice.choice([*PASSING, SILENT, faults.CutAfter(size), faults.EarlyEnd(size)])
    return None


def check_nothing_is_half(api: Any, warehouse: Any, asked: UsageQuery) -> None:
    """The rows are those of the days that the log has, as the API has them."""
    logged = {str(day) for (day,) in warehouse.query("SELECT charge_period_start FROM usage_load_log")}
    held = truth(api, asked)
    assert loaded(warehouse) == {key: amount for key, amount in held.items() if str(key.day) in logged}


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_p8_a_backfill_ends_with_what_the_api_has(case, execute, warehouse, monkeypatch, seed, is_large):
    dice = random.Random(seed)  # noqa: S311 - chance, no secret
    asked = UsageQuery(days(FIRST_DAY, 365 if is_large else 80))
    window = {"start": str(asked.window.start), "end": str(asked.window.end)}
    api = case.make_api()
    failed = []
    with Simulator(api) as simulator:
        connect(monkeypatch, case, api, simulator, case.conn_id, timeout=TIMEOUT)
        for number in range(MOST_TRIES):
            # The API gets better: a task that is tried again requests all its days again.
            simulator.faults[:] = [roll_fault(dice, final=0.2 / 2**number) for _ in range(MOST_REQUESTS)]
            if number == 0:
                simulator.faults[dice.randrange(3)] = dice.choice(FINAL)[0]
            try:
                execute(usage_conn_id=case.conn_id, **window)
                break
            except (AirflowFailException, UsageApiUnavailableError) as error:
                failed.append(type(error.__cause__ or error).__name__)
                check_nothing_is_half(api, warehouse, asked)
        requests = len(simulator.requests)
    assert 0 < len(failed) < MOST_TRIES
    assert loaded(warehouse) == truth(api, asked)
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [(0,)]
    logged = warehouse.query("SELECT DISTINCT charge_period_start FROM usage_load_log ORDER BY 1")
    assert [str(day) for (day,) in logged] == [str(day) for day in asked.window.days]
    print(f"{case}: {len(failed)} tries failed ({', '.join(sorted(set(failed)))}), {requests} requests")  # noqa: T201
