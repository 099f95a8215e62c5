"""Collects the bill of this Airflow's environment, and allocates it by the tables of this same Airflow."""

from __future__ import annotations

from airflow import DAG

from datacoves_usage_provider import AllocateUsageOperator, CollectUsageOperator

DAYS = {"start": "{{ dag_run.conf['start'] }}", "end": "{{ dag_run.conf['end'] }}"}

with DAG("allocate", schedule=None):
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", **DAYS) >> AllocateUsageOperator(
        task_id="allocate", sub_account_id="abc123", airflow_conn_id="airflow_db", **DAYS
    )
