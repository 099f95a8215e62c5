"""Reading without Airflow: an API of the package, its simulation on a socket, and a reader between them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from datacoves_usage_provider.api.adverity import AdverityApi
from datacoves_usage_provider.api.b3os import B3osApi
from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.api.usage_api import UsageApi
from datacoves_usage_provider.api.webcrawlerapi import WebCrawlerApi
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.simulator import Simulator
from tests.contract.cases import find_case

APIS = {
    "adverity": AdverityApi(),
    "b3os": B3osApi(),
    "datacoves_billing": DatacovesBillingApi(),
    "webcrawlerapi": WebCrawlerApi(),
}


@pytest.fixture
def conn_type() -> str:
    """The API that is read; a file for another one has a fixture of its own."""
    return "datacoves_billing"


@pytest.fixture
def api(conn_type: str) -> Any:
    return find_case(conn_type).make_api()


@pytest.fixture
def usage_api(conn_type: str) -> UsageApi:
    return APIS[conn_type]


@pytest.fixture
def settings(conn_type: str, api: Any, simulator: Simulator, usage_api: UsageApi) -> ClientSettings:
    organization = getattr(api, "organization_id", "")
    return ClientSettings(
        conn_id=f"{conn_type}_default",
        url=api.make_connection(simulator.url).host,
        key=api.key,
        billing_account_id="an-account",
        auth_scheme=usage_api.auth_schemes[0],
        identifiers=dict.fromkeys(usage_api.identifiers, organization),
    )


@pytest.fixture
def make_reader(settings: ClientSettings, usage_api: UsageApi) -> Iterator[Any]:
    """Make a reader; arguments replace its API, or what ``settings`` have."""
    opened: list[UsageSession] = []

    def make(api: UsageApi = usage_api, **changes: Any) -> UsageReader:
        log = logging.getLogger("tests.api")
        opened.append(UsageSession(replace(settings, **changes), log, api.reach_hint, concurrency=api.concurrency))
        return UsageReader(api, opened[-1])

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def reader(make_reader: Any) -> UsageReader:
    return make_reader()
