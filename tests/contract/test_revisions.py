"""P5: a day that the vendor restated is replaced whole; what changed, appeared and vanished is counted and kept."""

from __future__ import annotations

from datetime import date

from datacoves_usage_provider.query import UsageQuery
from tests.support.truth import days, loaded, truth

WINDOW = days(date(2026, 2, 10), 5)
DAY = date(2026, 2, 12)
ARGUMENTS = {"start": str(WINDOW.start), "end": str(WINDOW.end)}


def test_p5_a_restated_day_is_replaced_and_nothing_else(case, api, collect, warehouse):
    if case.conn_type == "b3os":
        api.idle_workflows = False  # otherwise no row of it ever appears or vanishes
    before = truth(api, UsageQuery(WINDOW))
    collect(**ARGUMENTS)
    case.restate(api, DAY)
    after = truth(api, UsageQuery(WINDOW))
    result = collect(**ARGUMENTS)
    assert loaded(warehouse) == after != before
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert {name: result["loaded"][name] for name in ("added", "changed", "removed")} == {
        "added": len(after.keys() - before.keys()),
        "changed": len(changed),
        "removed": len(before.keys() - after.keys()),
    }
    assert changed
    assert {key.day for key in changed} == {DAY}
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [
        (len(changed) + len(before.keys() ^ after.keys()),)
    ]


def test_p5_the_same_responses_twice_change_nothing(api, collect, warehouse):
    first, again = collect(**ARGUMENTS), collect(**ARGUMENTS)
    assert again.pop("loaded") == first.pop("loaded") | {"added": 0, "changed": 0, "removed": 0}
    assert again == first
    assert loaded(warehouse) == truth(api, UsageQuery(WINDOW))
    assert warehouse.query("SELECT count(*) FROM usage_revision") == [(0,)]
