"""The few requests that make and read runs, on both Airflow majors."""

from __future__ import annotations

from typing import Any

import requests

from tests.real_runs.cases import AIRFLOW

REQUEST_SECONDS = 30


class RestApi:
    """Airflow's REST API at the origin ``url``, open to everybody; an error response is a ``requests.HTTPError``."""

    def __init__(self, url: str) -> None:
        self._origin = url
        self._url = f"{url}/api/v{1 if AIRFLOW == 2 else 2}/"
        self._session = requests.Session()

    def log_in(self) -> None:
        """Get the token that Airflow 3 wants to see in the other requests."""
        if AIRFLOW == 3:
            token = self._send("GET", f"{self._origin}/auth/token")["access_token"]
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get_dag_ids(self) -> set[str]:
        return {dag["dag_id"] for dag in self._get("dags", limit=100)["dags"]}

    def get_runs(self) -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = self._get("dags/~/dagRuns", limit=100)["dag_runs"]
        return runs

    def get_task_instances(self) -> list[dict[str, Any]]:
        path = "dags/~/dagRuns/~/taskInstances"
        instances: list[dict[str, Any]] = self._get(path, limit=100)["task_instances"]
        return instances

    def get_events(self) -> list[dict[str, Any]]:
        """Return the events of all assets, or datasets."""
        kind = "dataset" if AIRFLOW == 2 else "asset"
        events: list[dict[str, Any]] = self._get(f"{kind}s/events", limit=100)[f"{kind}_events"]
        return events

    def get_return_value(self, dag_id: str, run_id: str, task_id: str) -> Any:
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value"
        return self._get(path, stringify="false")["value"]

    def trigger(self, dag_id: str, run_id: str, **fields: Any) -> None:
        """Make a run by hand; ``fields`` are ``logical_date``, ``run_after``, ``partition_key`` and ``conf``."""
        no_date = {} if AIRFLOW == 2 else {"logical_date": None}
        self._post(f"dags/{dag_id}/dagRuns", {"dag_run_id": run_id} | no_date | fields)

    def clear(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Clear a task and all that come after it, whatever their states."""
        options = {"dry_run": False, "only_failed": False, "include_downstream": True, "reset_dag_runs": True}
        self._post(f"dags/{dag_id}/clearTaskInstances", {"dag_run_id": run_id, "task_ids": [task_id]} | options)

    def post_event(self, asset_uri: str, **fields: str) -> None:
        """Say that the asset was updated, outside of any run; ``fields`` is ``partition_key``."""
        if AIRFLOW == 2:
            self._post("datasets/events", {"dataset_uri": asset_uri})
        else:
            (asset,) = self._get("assets", uri_pattern=asset_uri)["assets"]
            self._post("assets/events", {"asset_id": asset["id"], **fields})

    def _get(self, path: str, **query: str | int) -> Any:
        return self._send("GET", self._url + path, params=query)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._send("POST", self._url + path, json=body)

    def _send(self, method: str, url: str, **options: Any) -> Any:
        response = self._session.request(method, url, timeout=REQUEST_SECONDS, **options)
        if not response.ok:
            raise requests.HTTPError(f"{method} {url}: {response.status_code} {response.text}", response=response)
        return response.json()
