"""Both Airflow majors show the same form, each read in its own way from one table."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Any

import pytest
from airflow.providers_manager import ProvidersManager

from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.hooks.usage import UsageHook

ENTRIES = {entry["connection-type"]: entry for entry in get_provider_info()["connection-types"]}
AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))
IS_AIRFLOW_3 = AIRFLOW >= (3, 0)
READS_THE_TABLE = AIRFLOW >= (3, 2)  # others ask the hook
STANDARD_FIELDS = {"url_schema": "schema"}


def fields_of_the_form(conn_type: str) -> dict[str, tuple[str, str]]:
    """The form's own fields as this Airflow would draw them: label and help text by the name of the extra."""
    if IS_AIRFLOW_3:
        fields = read_form(conn_type)["extra_fields"]
        return {name: (field["schema"]["title"], field["description"]) for name, field in fields.items()}
    prefix = f"extra__{conn_type}__"
    found: dict[str, Any] = {
        name.removeprefix(prefix): widget.field
        for name, widget in ProvidersManager().connection_form_widgets.items()
        if name.startswith(prefix)
    }
    return {name: (field.kwargs["label"], field.kwargs["description"]) for name, field in found.items()}


def behaviour_of_the_form(conn_type: str) -> dict[str, Any]:
    """What becomes of the standard fields: ``hidden_fields``, ``relabeling`` and ``placeholders``."""
    if not IS_AIRFLOW_3:
        return dict(ProvidersManager().field_behaviours[conn_type])
    fields = {STANDARD_FIELDS.get(name, name): field for name, field in read_form(conn_type)["standard_fields"].items()}
    fields = {name: field for name, field in fields.items() if field is not None}
    return {
        "hidden_fields": [name for name, field in fields.items() if field["hidden"]],
        "relabeling": {name: field["title"] for name, field in fields.items() if field["title"]},
        "placeholders": {name: field["placeholder"] for name, field in fields.items()},
    }


@cache
def read_form(conn_type: str) -> dict[str, Any]:
    """The form that Airflow 3's API server hands to the browser."""
    from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

    (form,) = [form for form in HookMetaService.hook_meta_data() if form.connection_type == conn_type]
    return form.model_dump()


def import_hook(conn_type: str) -> type[UsageHook]:
    module, _, name = ENTRIES[conn_type]["hook-class-name"].rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("conn_type", ENTRIES)
def test_the_form_has_the_tables_fields_with_their_words(conn_type):
    expected = {
        name: (field["label"], field["description"]) for name, field in ENTRIES[conn_type]["conn-fields"].items()
    }
    assert fields_of_the_form(conn_type) == expected


@pytest.mark.parametrize("conn_type", ENTRIES)
def test_standard_fields_are_hidden_renamed_and_have_examples(conn_type):
    expected = ENTRIES[conn_type]["ui-field-behaviour"]
    shown = behaviour_of_the_form(conn_type)
    assert shown["relabeling"] == expected["relabeling"]
    assert set(shown["hidden_fields"]) == {*expected["hidden-fields"], *([] if READS_THE_TABLE else ["port"])}
    assert {name: shown["placeholders"][name] for name in expected["placeholders"]} == expected["placeholders"]


@pytest.mark.parametrize("conn_type", ENTRIES)
def test_the_table_and_the_hook_say_the_same(conn_type):
    hook = import_hook(conn_type)
    assert (hook.conn_type, hook.hook_name) == (conn_type, ENTRIES[conn_type]["hook-name"])
    assert hook.default_conn_name == f"{conn_type}_default"


@pytest.mark.parametrize("conn_type", ENTRIES)
def test_the_form_has_a_field_for_each_choice_and_each_id_that_the_api_needs(conn_type):
    api, fields = import_hook(conn_type).api, ENTRIES[conn_type]["conn-fields"]
    assert set(api.identifiers) <= fields.keys()
    if len(api.auth_schemes) > 1:
        schema = fields["auth_scheme"]["schema"]
        assert (schema["enum"], schema["default"]) == (list(api.auth_schemes), api.auth_schemes[0])
