"""The one place that knows two Airflow majors: each name from where it does not warn."""

from __future__ import annotations

try:  # Airflow 3
    from airflow.sdk import BaseHook, BaseOperator, Context, Param
    from airflow.sdk.exceptions import AirflowFailException
except ImportError:  # Airflow 2
    from airflow.exceptions import AirflowFailException
    from airflow.hooks.base import BaseHook
    from airflow.models.baseoperator import BaseOperator
    from airflow.models.param import Param
    from airflow.utils.context import Context

__all__ = ["AirflowFailException", "BaseHook", "BaseOperator", "Context", "Param", "mask_secret"]


def mask_secret(secret: str) -> None:
    """Ask Airflow to mask ``secret`` in the logs of this process; on Airflow 3 also in what the supervisor writes."""
    try:
        from airflow.sdk.log import mask_secret as mask
    except ImportError:
        try:
            from airflow.sdk.execution_time.secrets_masker import mask_secret as mask
        except ImportError:
            from airflow.utils.log.secrets_masker import mask_secret as mask
    mask(secret)
