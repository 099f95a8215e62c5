"""P10: nothing that a run leaves behind tells the key, whatever the server sends back, with Airflow's masking off."""

from __future__ import annotations

import base64
import json
import logging
from datetime import date
from urllib.parse import quote

import pytest

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.simulator import faults
from tests.contract.answers import set_field
from tests.contract.truth import days
from tests.promises.test_p10_the_key_stays_secret import everything_about, told

KEY = 'pa+th/0"1\\2&3=4%5~6'
WINDOW = days(date(2025, 3, 3), 1)
ARGUMENTS = {"start": str(WINDOW.start), "end": str(WINDOW.end)}


@pytest.fixture(autouse=True)
def masking_is_off(mocker):
    """The provider's own redaction must do alone."""
    mocker.patch("datacoves_usage_provider.hooks.usage.mask_secret")


@pytest.fixture
def careless(api, set_conn, hook):
    """The API tells the key in all that it says of errors."""
    api.key, api.echo_key = KEY, True
    set_conn()
    return hook
