"""The section ``[datacoves_usage]`` of Airflow's configuration; get_provider_info.py describes its options."""

from __future__ import annotations

from dataclasses import dataclass

SECTION = "datacoves_usage"


@dataclass(frozen=True)
class PageSettings:
    """``sub_account_id``: which environment this Airflow is, None if that is not said."""

    sql_conn_id: str
    schema: str | None
    sub_account_id: str | None


def read_settings() -> PageSettings:
    from airflow.configuration import conf

    def read(option: str, default: str) -> str:
        # The fallback is for an Airflow that does not load providers' options where it is asked.
        return str(conf.get(SECTION, option, fallback=default) or "").strip()

    return PageSettings(
        sql_conn_id=read("sql_conn_id", "usage_warehouse") or "usage_warehouse",
        schema=read("schema", "") or None,
        sub_account_id=read("sub_account_id", "") or None,
    )
