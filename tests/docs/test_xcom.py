"""What a task returns has the shape that its page shows."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timezone
from types import SimpleNamespace
from typing import Any

from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.cost.budgets import NOV_18, Books, back_from
from tests.docs.markdown import find_block_after, read

PROVENANCE = ("x_dag_id", "x_run_id", "x_loaded_at")


def test_a_task_returns_the_shape_that_its_page_shows(datacoves_conn, sqlite_warehouse):
    operator = CollectUsageOperator(task_id="collect", usage_conn_id=datacoves_conn, lookback_days=2)
    run = SimpleNamespace(dag_id="a_dag", run_id="a_run", run_after=datetime(2026, 11, 21, 3, tzinfo=timezone.utc))
    returned = operator.execute({"dag_run": run})
    documented = json.loads(find_block_after("xcom", "docs/collect.md"))
    assert _shape(returned) == _shape(documented)
    assert returned["window"] == documented["window"]
    assert returned["loaded"]["days"] == documented["loaded"]["days"]


def test_a_check_of_budgets_returns_the_shape_that_its_page_shows(sqlite_warehouse):
    books = Books(sqlite_warehouse)
    books.load(back_from(NOV_18))
    books.use(back_from(date(2026, 10, 31), 122), 1000)
    books.use(back_from(NOV_18, 18), 1380)
    books.use(back_from(NOV_18), 900, sub_account="def456")
    books.budget("Datacoves production", 60_000)
    returned = books.check()
    documented = json.loads(find_block_after("check", "docs/cost.md"))
    assert _shape(returned) == _shape(documented)
    ((found,), (shown,)) = returned["budgets"], documented["budgets"]
    assert {name: found[name] for name in found if name not in PROVENANCE} == {
        name: shown[name] for name in shown if name not in PROVENANCE
    }
    (alert,) = returned["alerts"]
    assert alert["text"].startswith(documented["alerts"][0]["text"].removesuffix("…"))
    quoted = " ".join(line.removeprefix("> ") for line in read("docs/cost.md").splitlines() if line.startswith("> "))
    assert quoted == alert["text"]
    shown = re.sub(r"<title>.+</title>|<[^>]+>", "", read("docs/pictures/forecast.svg"))
    for words in ("Datacoves production", "41,040", "66,690", "62,842–70,538", "passes 60,000 on 27 Nov"):
        assert words in alert["text"]
        assert words in shown


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])]
    return type(value)
