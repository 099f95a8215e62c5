"""The month by DAG: the largest, the others together, and what no DAG explains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from datacoves_usage_provider.report.money import Money, add_amounts, join_moneys
from datacoves_usage_provider.report.readings import DagUsage
from datacoves_usage_provider.text import count

MOST_DAGS = 10


class DagRow(NamedTuple):
    """
    One DAG of one environment in the month.

    The last rows are the other DAGs together, and what no DAG explains of each service (no ``dag_id``).
    """

    label: str
    sub_account_id: str
    dag_id: str
    team: str
    owners: str
    quantity: Decimal
    money: Money


def make_dag_rows(dags: Sequence[DagUsage]) -> Iterator[DagRow]:
    by_dag: dict[tuple[str, str], list[DagUsage]] = {}
    for dag in dags:
        if dag.dag_id:
            by_dag.setdefault((dag.sub_account_id, dag.dag_id), []).append(dag)
    rows = [_make_dag_row(dag_id, sub_account_id, found) for (sub_account_id, dag_id), found in by_dag.items()]
    rows.sort(key=lambda row: (-row.quantity, row.dag_id, row.sub_account_id))
    yield from rows[:MOST_DAGS]
    if others := rows[MOST_DAGS:]:
        quantity = sum((row.quantity for row in others), Decimal(0))
        money = join_moneys(row.money for row in others)
        yield DagRow(count(len(others), "other DAG"), "", "", "", "", quantity, money)
    unattributed = [dag for dag in dags if not dag.dag_id]
    for service in sorted({dag.service_name for dag in unattributed}):
        of_service = [dag for dag in unattributed if dag.service_name == service]
        yield _make_dag_row(f"unattributed, {service}", "", of_service)


def _make_dag_row(label: str, sub_account_id: str, found: Sequence[DagUsage]) -> DagRow:
    amounts = add_amounts((dag.currency, dag.cost) for dag in found)
    unpriced = sum(dag.unpriced_rows for dag in found)
    quantity = sum((dag.quantity for dag in found), Decimal(0))
    first = found[0]
    return DagRow(label, sub_account_id, first.dag_id, first.team, first.owners, quantity, Money(amounts, unpriced))
