"""P8: what another provider's hook raises is shown as it is; a type without a hook is a setting to fix."""

from __future__ import annotations

import pytest

from datacoves_usage_provider.compat import AirflowFailException, BaseHook
from datacoves_usage_provider.exceptions import UsageConfigError

ROLES = ["usage_conn_id", "sql_conn_id"]


class BrokenHook(BaseHook):
    """It uses what its own libraries do not have."""

    def __init__(self, conn_id: str) -> None:
        super().__init__()
        self.client = object().no_such_method()


class MissingLibraryHook(BaseHook):
    def __init__(self, conn_id: str) -> None:
        raise ImportError("no module named 'their_library'")


@pytest.mark.parametrize("role", ROLES)
def test_p8_an_attribute_error_of_another_hook_is_shown_as_it_is(collect, register_hook, set_other_conn, role):
    register_hook("broken", BrokenHook)
    with pytest.raises(AttributeError, match="'object' object has no attribute 'no_such_method'"):
        collect(**{role: set_other_conn("broken")})


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("conn_type", "words"),
    [
        ("generic", "which has no hook: .* Install the provider of the type that was meant"),
        ("no_such_type", "for which this Airflow has no hook. Install its provider, or choose another type"),
    ],
)
def test_p8_a_type_without_a_hook_is_a_setting_to_fix(collect, set_other_conn, role, conn_type, words):
    with pytest.raises(AirflowFailException, match=f"is of type '{conn_type}', {words}"):
        collect(**{role: set_other_conn(conn_type)})


@pytest.mark.parametrize("role", ROLES)
def test_p8_a_hook_whose_library_is_missing_is_a_provider_to_install(collect, register_hook, set_other_conn, role):
    register_hook("incomplete", MissingLibraryHook)
    with pytest.raises(AirflowFailException, match="needs what is not installed here: no module named") as raised:
        collect(**{role: set_other_conn("incomplete")})
    assert isinstance(raised.value.__cause__, UsageConfigError)
