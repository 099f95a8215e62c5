"""The Test button of Airflow 2 sends each field of a form twice, and fields of other types that were filled before."""

from __future__ import annotations

import pytest

from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook

OWN, OTHER = "extra__datacoves_billing__", "extra__adverity__"


@pytest.fixture
def test_button(set_datacoves_conn):
    """Return what the Test button says of these extras, and the settings that it tests."""

    def press(extra):
        set_datacoves_conn(**extra)
        hook = DatacovesBillingHook("datacoves_billing_default")
        worked, said = hook.test_connection()
        assert worked, said
        return said, hook.settings

    return press


@pytest.mark.parametrize(
    ("extra", "account", "timeout"),
    [
        ({f"{OWN}billing_account_id": "analytics", "billing_account_id": "analytics"}, "analytics", 30),
        ({f"{OWN}timeout": "20", "timeout": "5", f"{OTHER}timeout": "5"}, "a-project", 20),
        ({f"{OWN}billing_account_id": "analytics", f"{OWN}timeout": "20"}, "analytics", 20),
        ({f"{OTHER}billing_account_id": "other", "billing_account_id": "other"}, "datacoves_billing_default", 30),
        ({f"{OTHER}auth_scheme": "Bearer", "auth_scheme": "Bearer"}, "a-project", 30),
    ],
    ids=["twice", "the own type wins", "only by its long name", "of another type", "of another type alone"],
)
def test_a_field_that_is_sent_twice_is_not_a_misspelled_extra(test_button, extra, account, timeout):
    said, settings = test_button(extra)
    assert "not used" not in said
    assert (settings.billing_account_id, settings.timeout) == (account, timeout)
    assert settings.auth_scheme == "Token"


def test_an_extra_that_is_misspelled_is_still_named_but_not_the_id_that_airflow_made_up(test_button):
    said, _ = test_button({f"{OWN}timeout": "20", "timeout": "20", "tiemout": "5"})
    assert "The connection has extras that are not used: tiemout." in said
    assert "datacoves_billing_default" not in said
