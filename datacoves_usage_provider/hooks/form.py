"""The connection form for Airflow 2, made from the table that Airflow 3 reads itself."""

from __future__ import annotations

import json
import re
from typing import Any

from datacoves_usage_provider.get_provider_info import get_provider_info

_TWIN = re.compile(r"extra__(?P<conn_type>.+?)__(?P<name>.+)", re.DOTALL)


def get_form(conn_type: str) -> dict[str, Any]:
    """Return the table's entry for ``conn_type``; empty for a connection type of another package."""
    entries = get_provider_info()["connection-types"]
    return next((entry for entry in entries if entry["connection-type"] == conn_type), {})


def get_label(conn_type: str, field: str) -> str:
    """Return the words under which the form shows a standard field."""
    behaviour = get_form(conn_type).get("ui-field-behaviour", {})
    return str(behaviour.get("relabeling", {}).get(field, field))


def make_widgets(conn_type: str) -> dict[str, Any]:
    """Return the fields of the Airflow 2 form by the name of the extra that they fill."""
    from flask_appbuilder.fieldwidgets import BS3TextFieldWidget
    from wtforms import IntegerField, StringField
    from wtforms.validators import Optional

    field_classes = {"integer": IntegerField, "string": StringField}
    return {
        name: field_classes[field["schema"]["type"][0]](
            label=field["label"],
            description=field.get("description", ""),
            widget=BS3TextFieldWidget(),
            validators=[Optional()],
        )
        for name, field in get_form(conn_type).get("conn-fields", {}).items()
    }


def make_behaviour(conn_type: str) -> dict[str, Any]:
    """Return hidden fields, labels and placeholders of the Airflow 2 form."""
    behaviour = get_form(conn_type).get("ui-field-behaviour", {})
    return {
        "hidden_fields": [*behaviour.get("hidden-fields", []), "port"],  # the table shows it for Airflow 3 alone
        "relabeling": behaviour.get("relabeling", {}),
        "placeholders": behaviour.get("placeholders", {}),
    }


def drop_twins(connection: Any) -> None:
    """
    Keep one name for each extra of ``connection`` where Airflow 2's Test button sends two.

    The button sends each field of the form as ``extra__<type>__<name>`` and as ``<name>``, even fields of other types
    that were filled in before this type was chosen. The field of the connection's own type wins, as it does when the
    form is saved.
    """
    extra = connection.extra_dejson
    twins = {name: match for name in extra if (match := _TWIN.fullmatch(name))} if isinstance(extra, dict) else {}
    if not twins:
        return
    twice = {*twins, *(match["name"] for match in twins.values())}
    own = {match["name"]: extra[name] for name, match in twins.items() if match["conn_type"] == connection.conn_type}
    connection.extra = json.dumps({name: value for name, value in extra.items() if name not in twice} | own)
