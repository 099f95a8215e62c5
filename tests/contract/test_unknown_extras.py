"""An extra that is not used is a warning: a misspelled billing_account_id would silently begin a new account."""

from __future__ import annotations

from datacoves_usage_provider.client.setting_warnings import find_warnings
from datacoves_usage_provider.get_provider_info import get_provider_info

WARNING = (
    "has extras that are not used: Timeout, billing_acount_id. Are they misspelled? The extras of this type are "
    "billing_account_id, "
)


def test_a_task_warns_of_misspelled_extras_once(set_conn, collect, case, printed):
    set_conn(billing_acount_id="analytics", Timeout=5)
    collect(sql_conn_id=None, start="2026-09-01", end="2026-11-01")
    (line,) = (line for line in printed() if "not used" in line)
    assert f"Connection '{case.conn_id}' {WARNING}" in line


def test_the_test_button_warns_of_them_too(set_conn, make_hook):
    set_conn(billing_acount_id="analytics", Timeout=5)
    worked, said = make_hook().test_connection()
    assert worked
    assert WARNING in said


def test_each_field_of_the_form_is_read(set_conn, make_hook, case, api):
    (form,) = (one for one in get_provider_info()["connection-types"] if one["connection-type"] == case.conn_type)
    set_conn(**dict.fromkeys(form["conn-fields"], "") | api.extra)
    assert find_warnings(make_hook().settings) == []


def test_p10_a_key_that_became_the_name_of_an_extra_is_not_leaked(set_conn, make_hook, api):
    set_conn(**{f"Token {api.key}": ""})
    (said,) = find_warnings(make_hook().settings)
    assert "not used: Token ***." in said
