"""P5, P6 and P7: after any sequence of loads, kills among them, the tables are those of the model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.query import Scope
from tests.warehouse_proofs.loading import (
    METERS,
    NAMED,
    PROVIDER,
    find_keys,
    load,
    make_chunk,
    make_days,
    make_record,
    open_warehouse,
)
from tests.warehouse_proofs.model import Model, read_tables
from tests.warehouse_proofs.processes import KillAfter, Worker, load_once

ACCOUNTS = ("an account", "another")
# Few values, so that what is read again is often the same; exact on SQLite, too.
quantities = st.sampled_from(["0", "1", "1.0", "2.5", "0.000000000000000001", "9007199254740993"]).map(Decimal)
costs = st.sampled_from([None, Decimal(0), Decimal("0.1")])
units = st.sampled_from(["Minutes", "Minutes", "Hours"])
names = st.sampled_from(["", "", "a name"])
windows = st.builds(make_days, st.integers(0, 3), st.integers(1, 3))
scopes = st.builds(
    Scope,
    **{
        name: st.none() | st.lists(st.sampled_from(ids), min_size=1, unique=True).map(tuple)
        for name, ids in NAMED.items()
    },
)


@st.composite
def chunks(draw: st.DrawFn) -> UsageChunk:
    days, scope = draw(windows), draw(scopes)
    # Not each day of a window is covered by what the server said.
    days = tuple(draw(st.lists(st.sampled_from(days), min_size=1, unique=True).map(sorted)))
    keys = draw(st.lists(st.sampled_from(find_keys(days, scope, METERS[:2])), unique=True, max_size=8))
    records = [make_record(key, draw(quantities), draw(costs), draw(units), draw(names)) for key in keys]
    return make_chunk(draw(st.sampled_from(ACCOUNTS)), days, scope, records)


kills = st.none() | st.integers(0, 20)
sequences = st.lists(st.tuples(chunks(), kills), min_size=1, max_size=8)


def clear(warehouse: Any) -> None:
    for name in ("daily", "revision", "load_log", "account"):
        warehouse.query(f"DELETE FROM usage_{name}")


def load_both(warehouse: Any, model: Model, run: str, chunk: UsageChunk, statements: int | None) -> None:
    """Load into both; ``statements``: how many the load is let run before it is killed; None: all."""
    if statements is None:
        counts = load(open_warehouse(warehouse.uri), run, chunk).count()
        assert (counts.added, counts.changed, counts.removed) == model.load(run, chunk)
        return
    with Worker(load_once, warehouse.uri, run, chunk, KillAfter(statements)) as worker:
        assert worker.wait() == ()
        if worker.process.exitcode == 0:
            model.load(run, chunk)


def test_p5_p6_p7_any_sequence_of_loads_is_that_of_the_model(warehouse, sizes):
    opened = open_warehouse(warehouse.uri)
    opened.prepare()

    # There is no limit to a step, since the database is a real one.
    @settings(
        max_examples=sizes.sequences[warehouse.dialect], deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(sequences, scopes)
    def check(sequence: list[tuple[UsageChunk, int | None]], asked: Any) -> None:
        clear(warehouse)
        model = Model()
        for number, (chunk, statements) in enumerate(sequence):
            load_both(warehouse, model, str(number), chunk, statements)
            assert read_tables(warehouse) == model.tables
            for account in ACCOUNTS:
                days = make_days(0, 7)
                missing = opened.prepare_and_find_missing_days(BillingAccount(PROVIDER, account), days, asked)
                assert missing == model.find_missing_days(account, days, asked)

    check()
