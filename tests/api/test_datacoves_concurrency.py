"""Datacoves: the two requests of a chunk are in flight together, and a load takes what they say together."""

from __future__ import annotations

from datetime import date
from threading import Barrier
from typing import Any

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.support.truth import days, read_all, truth

ASKED = UsageQuery(days(date(2025, 3, 1), 31))


def test_p13_the_two_requests_of_a_chunk_are_in_flight_together(api, simulator, reader):
    both_have_come = Barrier(2)

    def respond(rows: list[Any]) -> list[Any]:
        both_have_come.wait(10)
        return rows

    simulator.faults.extend([faults.Edit(respond)] * 2)
    assert read_all(reader, ASKED) == truth(api, ASKED)
    assert not both_have_come.broken
