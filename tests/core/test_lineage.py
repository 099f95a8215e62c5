"""What needs no OpenLineage to be named: files, and databases for which its specification has no names."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.operators.lineage import Files, Tables


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/mnt/reports/usage-2026-10.html", ("file", "/mnt/reports/usage-2026-10.html")),
        ("/mnt/reports #1/usage-2026-10.html", ("file", "/mnt/reports #1/usage-2026-10.html")),
        ("file:///mnt/reports/usage-2026-10.html", ("file", "/mnt/reports/usage-2026-10.html")),
        ("s3://aws_default@reports/usage/usage-2026-10.html", ("s3://reports", "usage/usage-2026-10.html")),
        ("gs://reports/usage-2026-10.html", ("gs://reports", "usage-2026-10.html")),
    ],
)
def test_files_are_named_by_their_storage_and_without_the_connection(path, expected):
    assert list(Files([path]).name_datasets()) == [expected]


def test_a_database_without_names_of_its_own_is_named_by_its_url_without_the_password(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_A_WAREHOUSE", json.dumps({"conn_type": "sqlite", "host": "/data/usage.db"}))
    tables = Tables("a_warehouse", "main", ["usage_daily", "usage_load_log"])
    assert list(tables.name_datasets()) == [
        ("sqlite", "/data/usage.db.main.usage_daily"),
        ("sqlite", "/data/usage.db.main.usage_load_log"),
    ]
