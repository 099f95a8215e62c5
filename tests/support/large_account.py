"""An account with 2,000 sub accounts and 10,000 resources on PostgreSQL, as daily loads leave it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from tests.docs.markdown import find_block_after

SUB_ACCOUNTS, RESOURCES = 2_000, 10_000

_PROVENANCE = "'a_conn', 'usage_daily', 'scheduled', now()"
# Each sub account has five resources. Of a day before `busy`, it has used one of them; from then on, all five.
_STATEMENTS = (
    f"""
    INSERT INTO usage_daily (
        service_provider_name, billing_account_id, sub_account_id, sub_account_name, service_name, resource_id,
        resource_name, sku_meter, billing_period_start, charge_period_start, consumed_quantity, consumed_unit,
        x_is_additive, x_conn_id, x_dag_id, x_run_id, x_loaded_at
    )
    SELECT 'Datacoves', 'analytics', 'env' || n % {SUB_ACCOUNTS}, CAST(:name AS text), 'airflow', 'resource' || n,
        'Resource ' || n, 'Worker Minutes', date_trunc('month', day), day, 1 + n % 7 + extract(dow FROM day),
        'Minutes', true, {_PROVENANCE}
    FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS days (day),
        LATERAL (SELECT day >= :busy AS is_busy, CAST(extract(day FROM day) AS integer) % 5 AS turn) AS used,
        LATERAL generate_series(
            CASE WHEN is_busy THEN 0 ELSE turn * {SUB_ACCOUNTS} END,
            CASE WHEN is_busy THEN {RESOURCES} ELSE (turn + 1) * {SUB_ACCOUNTS} END - 1
        ) AS units (n)
    """,
    f"""
    INSERT INTO usage_load_log
    SELECT 'Datacoves', 'analytics', '*', '*', '*', day, {SUB_ACCOUNTS}, {_PROVENANCE}
    FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS days (day)
    """,
    "INSERT INTO usage_account VALUES ('Datacoves', 'analytics', 'a_conn', now())",
    """
    INSERT INTO usage_rate (
        service_provider_name, sku_meter, pricing_unit, contracted_unit_price, billing_currency,
        sku_price_effective_start
    ) VALUES ('Datacoves', 'Worker Minutes', 'Minutes', 0.0123, 'USD', '2000-01-01')
    """,
)


def fill(uri: str, last: date, days: int, busy_days: int, name: str = "An environment") -> None:
    """
    Fill the ``days`` up to ``last``, into tables with the index that the docs advise.

    All resources are used on ``busy_days`` of them; ``name`` is each sub account's.
    """
    engine = create_engine(uri, poolclass=NullPool)
    AllocationWarehouse(engine, None, "usage_warehouse").prepare()
    first, busy = (last - timedelta(days=count - 1) for count in (days, busy_days))
    index = find_block_after("index-of-months", page="docs/see-it.md")
    with engine.begin() as connection:
        for statement in map(text, (index, *_STATEMENTS)):
            given = {"first": first, "last": last, "busy": busy, "name": name}
            connection.execute(statement, {key: given[key] for key in statement.compile().params})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # as autovacuum does
