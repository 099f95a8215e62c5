"""The one place that knows two Airflow majors: where each keeps a name without a warning. Names are loaded on use."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import (
        Asset,
        BaseHook,
        BaseNotifier,
        BaseOperator,
        BaseOperatorLink,
        Context,
        ObjectStoragePath,
        Param,
    )
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, AirflowTaskTimeout
    from airflow.sdk.log import mask_secret
    from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime as ProvidersManager

__all__ = [
    "AirflowFailException",
    "AirflowSkipException",
    "AirflowTaskTimeout",
    "Asset",
    "BaseHook",
    "BaseNotifier",
    "BaseOperator",
    "BaseOperatorLink",
    "Context",
    "ObjectStoragePath",
    "Param",
    "ProvidersManager",
    "mask_secret",
]

_AIRFLOW_3 = {
    "AirflowFailException": ("airflow.sdk.exceptions.AirflowFailException", "airflow.exceptions.AirflowFailException"),
    "AirflowSkipException": ("airflow.sdk.exceptions.AirflowSkipException", "airflow.exceptions.AirflowSkipException"),
    "AirflowTaskTimeout": ("airflow.sdk.exceptions.AirflowTaskTimeout", "airflow.exceptions.AirflowTaskTimeout"),
    "Asset": ("airflow.sdk.Asset",),
    "BaseHook": ("airflow.sdk.BaseHook", "airflow.hooks.base.BaseHook"),
    "BaseNotifier": ("airflow.sdk.BaseNotifier",),
    "BaseOperator": ("airflow.sdk.BaseOperator",),
    "BaseOperatorLink": ("airflow.sdk.BaseOperatorLink",),
    "Context": ("airflow.sdk.Context",),
    "ObjectStoragePath": ("airflow.sdk.ObjectStoragePath",),
    "Param": ("airflow.sdk.Param",),
    "ProvidersManager": (
        "airflow.sdk.providers_manager_runtime.ProvidersManagerTaskRuntime",
        "airflow.providers_manager.ProvidersManager",
    ),
    "mask_secret": ("airflow.sdk.log.mask_secret", "airflow.sdk.execution_time.secrets_masker.mask_secret"),
}
_AIRFLOW_2 = {
    "AirflowFailException": ("airflow.exceptions.AirflowFailException",),
    "AirflowSkipException": ("airflow.exceptions.AirflowSkipException",),
    "AirflowTaskTimeout": ("airflow.exceptions.AirflowTaskTimeout",),
    "Asset": ("airflow.datasets.Dataset",),
    "BaseHook": ("airflow.hooks.base.BaseHook",),
    "BaseNotifier": ("airflow.notifications.basenotifier.BaseNotifier",),
    "BaseOperator": ("airflow.models.baseoperator.BaseOperator",),
    "BaseOperatorLink": ("airflow.models.baseoperatorlink.BaseOperatorLink",),
    "Context": ("airflow.utils.context.Context",),
    "ObjectStoragePath": ("airflow.io.path.ObjectStoragePath",),
    "Param": ("airflow.models.param.Param",),
    "ProvidersManager": ("airflow.providers_manager.ProvidersManager",),
    "mask_secret": ("airflow.utils.log.secrets_masker.mask_secret",),
}


_FIRST_WITH_PAGES = "3.1.2"  # of Airflow 3: earlier ones have no place for a page, or cannot read connections in it


def is_airflow_3() -> bool:
    return find_spec("airflow.sdk") is not None


def has_usage_page() -> bool:
    """Tell whether the web interface of this Airflow can show the usage page."""
    if not is_airflow_3():
        return True
    from airflow import __version__
    from packaging.version import Version

    return Version(__version__) >= Version(_FIRST_WITH_PAGES)


def __getattr__(name: str) -> Any:
    for place in (_AIRFLOW_3 if is_airflow_3() else _AIRFLOW_2).get(name, ()):
        module, _, attribute = place.rpartition(".")
        with suppress(ImportError, AttributeError):  # another minor version keeps it elsewhere
            return getattr(import_module(module), attribute)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r} on this Airflow")
