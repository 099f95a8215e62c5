"""P10: where the key would cross a network unencrypted, the task and the Test button say so."""

from __future__ import annotations

import pytest

from datacoves_usage_provider.client.setting_warnings import find_warnings
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook


def warn(url: str) -> list[str]:
    return find_warnings(ClientSettings("usage", url, "a-secret-key", "an-account"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "http://localhost:8000/api",
        "http://api.localhost",
        "http://127.0.0.1",
        "http://127.8.9.10:80",
        "http://[::1]:8000",
        "http://core-api",
        "http://core-api:8000/api/v1/billing",
        "http://core-api.core.svc",
        "http://CORE-API.core.SVC.cluster.local.",
        "http://core-api.core.svc.k8s.example.com",
        "http://printer.local",
    ],
)
def test_p10_a_key_that_stays_near_is_not_warned_of(url):
    assert warn(url) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://api.example.com/api/v1", "api.example.com"),
        ("http://core-api.core", "core-api.core"),
        ("http://svc.example.com", "svc.example.com"),
        ("http://10.0.0.7", "10.0.0.7"),
        ("http://192.168.1.1:8000", "192.168.1.1"),
        ("http://0.0.0.0", "0.0.0.0"),  # noqa: S104 - a host to ask
        ("http://[fd00::1]", "fd00::1"),
        ("http://local.example.com", "local.example.com"),
        ("http://127.0.0.1.example.com", "127.0.0.1.example.com"),
    ],
)
def test_p10_a_key_that_crosses_a_network_unencrypted_is_warned_of(url, host):
    (said,) = warn(url)
    assert f"Connection 'usage' sends its API key unencrypted to {host}" in said
    assert "a-secret-key" not in said


def test_p10_a_task_warns_once_and_the_test_button_too(simulator, set_datacoves_conn, collect, printed):
    set_datacoves_conn()
    assert "unencrypted" not in DatacovesBillingHook().test_connection()[1]
    collect(period="month", sql_conn_id=None)
    assert "unencrypted" not in "\n".join(printed())
    # It reaches this machine, but is no loopback address.
    set_datacoves_conn(host=simulator.billing_url.replace("127.0.0.1", "0.0.0.0"))  # noqa: S104
    worked, message = DatacovesBillingHook().test_connection()
    assert worked
    assert message.endswith("use https:// instead of http:// in its host field if the API supports it.")
    collect(period="month", sql_conn_id=None)
    (line,) = (line for line in printed() if "unencrypted" in line)
    assert "Connection 'datacoves_billing_default' sends its API key unencrypted to 0.0.0.0" in line
