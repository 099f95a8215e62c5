"""P6: overlapping loads end as if one had come after the other, also when they create the tables."""

from __future__ import annotations

from functools import partial
from typing import Any

from datacoves_usage_provider.query import Scope
from tests.warehouse_proofs.loading import (
    METERS,
    find_keys,
    load,
    make_chunk,
    make_days,
    make_random_chunk,
    make_record,
    open_warehouse,
)
from tests.warehouse_proofs.model import Model, read_tables
from tests.warehouse_proofs.processes import CONTEXT

WORKERS = 4
FIRST_WORKERS = 8
# Rows of the log are written under the lock and never deleted: in the order of these numbers the loads had the lock.
# (x_loaded_at is the word of a worker's clock.) SQLite numbers rows by itself.
NUMBER_THE_LOG = {"sqlite": (), "postgresql": ("ALTER TABLE usage_load_log ADD COLUMN rowid bigserial",)}
ORDER = "SELECT x_run_id, min(rowid), max(rowid), count(*) FROM usage_load_log GROUP BY x_run_id ORDER BY 2"


def load_number(uri: str, seed: str, number: int) -> tuple[int, int, int]:
    counts = load(open_warehouse(uri), str(number), make_random_chunk(seed, number)).count()
    return counts.added, counts.changed, counts.removed


def test_p6_overlapping_loads_end_as_if_one_came_after_the_other(warehouse, sizes, seed):
    open_warehouse(warehouse.uri).prepare()
    for statement in NUMBER_THE_LOG[warehouse.dialect]:
        warehouse.query(statement)
    with CONTEXT.Pool(WORKERS) as pool:
        counts = pool.map(partial(load_number, warehouse.uri, seed), range(sizes.loads), chunksize=1)
    model, end = Model(), 0
    for run, first, last, rows in warehouse.query(ORDER):
        assert (first, last) == (end + 1, end + rows), "loads wrote at the same time"
        assert counts[int(run)] == model.load(run, make_random_chunk(seed, int(run)))
        end = last
    assert len({run for _, _, run in model.tables.daily}) > 1
    assert {run for run, *_ in model.tables.log} == {str(number) for number in range(sizes.loads)}
    assert read_tables(warehouse) == model.tables


def test_p6_overlapping_loads_wait_whatever_isolation_the_database_has_by_default(postgres_warehouse, seed):
    (name,) = postgres_warehouse.query("SELECT current_database()")[0]
    postgres_warehouse.query(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'")
    open_warehouse(postgres_warehouse.uri).prepare()
    with CONTEXT.Pool(WORKERS) as pool:
        pool.map(partial(load_number, postgres_warehouse.uri, seed), range(5 * WORKERS), chunksize=1)
    assert len(read_tables(postgres_warehouse).log) > 0


def make_same_chunk(number: int) -> Any:
    days = make_days(0, 3)
    keys = find_keys(days, Scope(), METERS[:1])
    return make_chunk("an account", days, Scope(), (make_record(key, number) for key in keys))


def load_first(uri: str, number: int) -> None:
    _barrier.wait(60)
    warehouse = open_warehouse(uri)
    warehouse.prepare()
    load(warehouse, str(number), make_same_chunk(number))


def set_barrier(barrier: Any) -> None:
    global _barrier  # noqa: PLW0603 - a pool's workers have no other place for it
    _barrier = barrier


def drop_all(warehouse: Any) -> None:
    for view in ("usage_jump", "usage_monthly"):
        warehouse.query(f"DROP VIEW {view}")
    for name in ("daily", "revision", "load_log", "account"):
        warehouse.query(f"DROP TABLE usage_{name}")


def find_order(warehouse: Any) -> list[int]:
    """Follow the chain of revisions from the first load on: each found what the one before it had left."""
    links = warehouse.query("SELECT DISTINCT x_consumed_quantity_before, x_consumed_quantity_after FROM usage_revision")
    after = {int(before): int(after) for before, after in links}
    (number,) = set(range(FIRST_WORKERS)) - set(after.values())
    order = [number]
    while number in after:
        number = after.pop(number)
        order.append(number)
    return order


def test_p6_first_loads_at_the_same_moment_make_the_tables_once(warehouse, sizes):
    barrier = CONTEXT.Barrier(FIRST_WORKERS)
    with CONTEXT.Pool(FIRST_WORKERS, set_barrier, (barrier,)) as pool:
        for _ in range(sizes.rounds):
            pool.map(partial(load_first, warehouse.uri), range(FIRST_WORKERS), chunksize=1)
            model = Model()
            for number in find_order(warehouse):
                model.load(str(number), make_same_chunk(number))
            assert read_tables(warehouse) == model.tables
            assert len(model.log) == 3 * FIRST_WORKERS
            assert warehouse.query("SELECT count(*) FROM usage_account") == [(1,)]
            drop_all(warehouse)
