"""P10: a response whose decoded text has the key is not loaded, however the key was written."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from urllib.parse import quote

import pytest

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.api.usage_api import UsagePage
from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.window import UsageWindow
from tests.drills.attacks import whole
from tests.drills.hostile_server import HostileServer
from tests.support.secrecy import leaked

KEY = "sk-0123456789abcdefghij"
WINDOW = UsageWindow(date(2026, 11, 10), date(2026, 11, 11))
SPELLINGS = {
    "one letter escaped": "\\u0073" + KEY[1:],
    "each character escaped": "".join(f"\\u{ord(char):04X}" for char in KEY),
    "a word before it": f"Token {KEY}",
    "for a URL": quote(KEY).replace("k", "%6b"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "other capitals": KEY.upper(),
}


def read(url: str, api: DatacovesBillingApi) -> Iterable[UsageChunk]:
    settings = ClientSettings("usage", url, KEY, "account")
    with closing(UsageSession(settings, logging.getLogger("usage"), max_tries=1)) as session:
        yield from UsageReader(api, session).read(UsageQuery(WINDOW, {"service": ("airflow",)}))


def rows(name: str) -> str:
    row = {"environment_slug": "NAME", "service": "airflow", "date": "2026-11-10", "amount_minutes": 1}
    return json.dumps([row]).replace("NAME", name)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_p10_a_name_that_is_the_key_is_not_loaded_however_json_writes_it(spelling):
    with (
        HostileServer(lambda: whole(rows(SPELLINGS[spelling]))) as server,
        pytest.raises(UsageDataError, match="repeats the API key") as raised,
    ):
        list(read(server.url, DatacovesBillingApi()))
    assert leaked(str(raised.value), KEY) == []


class Hidden(DatacovesBillingApi):
    """An API whose names come in base16: the raw body does not have the key in any spelling."""

    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        return super().parse_response(request, bytes.fromhex(body.decode()))


def test_p10_what_decoding_yields_is_searched_and_not_the_raw_body_alone():
    with (
        HostileServer(lambda: whole(rows(KEY).encode().hex())) as server,
        pytest.raises(UsageDataError, match="repeats the API key"),
    ):
        list(read(server.url, Hidden()))


class Quoting(DatacovesBillingApi):
    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        return UsagePage((), warnings=(f"It said {bytes.fromhex(body.decode()).decode()}.",))


def test_p10_a_warning_of_an_api_does_not_have_the_key():
    with HostileServer(lambda: whole(KEY.encode().hex())) as server:
        (chunk,) = read(server.url, Quoting())
    assert set(chunk.warnings) == {"It said ***."}


def test_a_name_with_three_stars_is_a_name():
    with HostileServer(lambda: whole(rows("a***b"))) as server:
        (chunk,) = read(server.url, DatacovesBillingApi())
    assert {record.sub_account_id for record in chunk.records} == {"a***b"}
