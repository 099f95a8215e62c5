"""The one place that knows two Airflow majors: each name from where it does not warn, loaded when it is asked for."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import BaseHook, BaseOperator, Context, Param
    from airflow.sdk.exceptions import AirflowFailException
    from airflow.sdk.log import mask_secret

__all__ = ["AirflowFailException", "BaseHook", "BaseOperator", "Context", "Param", "mask_secret"]

_AIRFLOW_3 = {
    "AirflowFailException": ("airflow.sdk.exceptions", "airflow.exceptions"),
    "BaseHook": ("airflow.sdk",),
    "BaseOperator": ("airflow.sdk",),
    "Context": ("airflow.sdk",),
    "Param": ("airflow.sdk",),
    "mask_secret": ("airflow.sdk.log", "airflow.sdk.execution_time.secrets_masker"),
}
_AIRFLOW_2 = {
    "AirflowFailException": ("airflow.exceptions",),
    "BaseHook": ("airflow.hooks.base",),
    "BaseOperator": ("airflow.models.baseoperator",),
    "Context": ("airflow.utils.context",),
    "Param": ("airflow.models.param",),
    "mask_secret": ("airflow.utils.log.secrets_masker",),
}


def __getattr__(name: str) -> Any:
    for place in (_AIRFLOW_3 if find_spec("airflow.sdk") else _AIRFLOW_2).get(name, ()):
        with suppress(ImportError, AttributeError):  # another minor version keeps it elsewhere
            return getattr(import_module(place), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r} on this Airflow")
