"""P10: nothing that a run leaves behind leaks the key, whatever the server sends back, with Airflow's masking off."""

from __future__ import annotations

import base64
import json
import logging
from datetime import date
from urllib.parse import quote

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError, UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.cases import CASES
from tests.contract.wrong_responses import PLACEHOLDER, Text, set_field
from tests.support.secrecy import everything_about, leaked
from tests.support.truth import days

KEY = 'pa+th/0"1\\2&3=4%5~6'
WINDOW = days(date(2025, 3, 3), 1)
NAMES = [(case, name) for case in CASES for name, field in case.row_fields.items() if field.kind in ("id", "name")]
ARGUMENTS = {"start": str(WINDOW.start), "end": str(WINDOW.end)}

# The API itself adds the key, in all spellings, to what it says of an error.
ERROR_RESPONSES = [
    faults.Status(400),
    faults.Status(401),
    faults.Status(403, detail=base64.b64encode(KEY.encode()).decode()),
    faults.Status(404),
    faults.Status(429, retry_after=999),
    faults.Status(503),
    faults.Status(500, detail="x" * 90),
    faults.Redirect(f"http://127.0.0.1:1/?{quote(KEY)}"),
    faults.Html(),
    faults.Body(f"Bearer {KEY}"),
    faults.Body(json.dumps({"code": 1, "success": False, "message": KEY, "error": {"message": KEY, "code": 7}})),
]


@pytest.fixture(autouse=True)
def _masking_is_off(mocker):
    """The provider's own redaction must do alone."""
    mocker.patch("datacoves_usage_provider.hooks.usage.mask_secret")


@pytest.fixture
def _careless(api, set_conn, hook):
    api.key, api.echo_key = KEY, True
    set_conn()


@pytest.mark.usefixtures("_careless", "sleeps")
@pytest.mark.parametrize("fault", ERROR_RESPONSES, ids=lambda fault: repr(fault)[:40])
def test_p10_no_error_and_no_log_leaks_the_key(simulator, hook, collect, printed, caplog, fault):
    simulator.faults.extend([fault] * 40)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match=".+") as raised:
        collect(sql_conn_id=None, **ARGUMENTS)
    worked, message = hook.test_connection()
    assert not worked
    assert leaked("\n".join([everything_about(raised.value), message, *printed(), caplog.text]), KEY) == []


@pytest.mark.usefixtures("_careless")
def test_p10_a_row_that_repeats_the_key_is_not_shown_and_not_loaded(case, simulator, collect, sqlite_warehouse):
    for name in case.row_fields:
        simulator.faults[:] = [faults.Edit(set_field(case, name, KEY))]
        with pytest.raises(Exception, match=r"\*\*\*|repeats the API key") as raised:
            collect(**ARGUMENTS)
        assert leaked(everything_about(raised.value), KEY) == []
    assert sqlite_warehouse.query("SELECT * FROM usage_daily") == []


@pytest.mark.usefixtures("_careless")
@pytest.mark.parametrize("form", ["\\u{:04x}", "\\u{:04X}"])
@pytest.mark.parametrize(("case", "name"), NAMES, ids=str)
def test_p10_a_name_that_is_the_key_with_json_escapes_is_an_error(case, simulator, hook, name, form):
    escaped = "".join(char if char.isalnum() else form.format(ord(char)) for char in KEY)
    simulator.faults.append(Text(set_field(case, name, PLACEHOLDER), f'"{escaped}"'))
    with pytest.raises(UsageDataError, match="repeats the API key"):
        list(hook.get_usage(UsageQuery(WINDOW)))


@pytest.mark.usefixtures("_careless")
def test_p10_rows_and_xcom_do_not_leak_the_key(collect, sqlite_warehouse):
    assert leaked(json.dumps(collect(**ARGUMENTS)), KEY) == []
    assert leaked(str(sqlite_warehouse.query("SELECT * FROM usage_daily, usage_load_log")), KEY) == []


def test_p10_the_key_is_sent_in_a_header_alone_and_redirects_are_not_followed(api, simulator, hook):
    simulator.faults.append(faults.Redirect(f"{simulator.url}/elsewhere/"))
    with pytest.raises(UsageConfigError, match="Redirects are not followed"):
        list(hook.get_usage(UsageQuery(WINDOW)))
    list(hook.get_usage(UsageQuery(WINDOW)))
    assert {request.headers["Authorization"].partition(" ")[2] for request in simulator.requests} == {api.key}
    assert [request for request in simulator.requests if api.key in request.target or "elsewhere" in request.path] == []
