"""P1 and P3: days and totals are exact, whichever way an API goes where its documents leave it open."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoves_usage_provider.query import UsageQuery
from tests.contract.cases import ContractCase
from tests.support.truth import days, read_all, truth

START = date(2025, 2, 27)


def turn(api: Any, ways: dict[str, Any]) -> None:
    for name, value in ways.items():
        setattr(api, name, value)


def test_p1_p3_every_combination_of_open_points(case, api, set_conn, make_hook):
    asked = UsageQuery(days(START, 2))
    for values in product(*case.switches.values()):
        ways = dict(zip(case.switches, values, strict=True))
        turn(api, ways)
        set_conn()
        assert read_all(make_hook(), asked) == truth(api, asked) != {}, ways


def draw_query(draw: st.DataObject, case: ContractCase) -> UsageQuery:
    window = days(START + timedelta(days=draw.draw(st.integers(0, 300))), draw.draw(st.integers(1, 40)))
    return UsageQuery(window, draw.draw(st.sampled_from([{}, *case.filters])))


def test_p1_p3_any_window_any_filter_any_way(case, api, set_conn, make_hook):
    every_way = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in case.switches.items()})

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(every_way, st.data())
    def check(ways: dict[str, Any], draw: st.DataObject) -> None:
        turn(api, ways)
        set_conn()
        asked = draw_query(draw, case)
        assert read_all(make_hook(), asked) == truth(api, asked)

    check()
