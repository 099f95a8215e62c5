"""Airflow's connection reaches Snowflake's connector whole, key pairs included."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from datacoves_usage_provider.warehouse.warehouse import Warehouse

EXTRA = {"account": "an_account", "database": "WAREHOUSE", "warehouse": "USAGE_WH", "role": "USAGE_LOADER"}


@pytest.fixture
def pem() -> bytes:
    """A private key that needs the passphrase ``open sesame``."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))


@pytest.fixture
def der(pem: bytes) -> bytes:
    """The same key as the connector wants it."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(pem, b"open sesame")
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, snowflake_warehouse: Any, sessions: Any) -> Callable[..., list[Any]]:
    """Make the tables through a connection with ``extra``; return the arguments of each session that it opened."""

    def run(password: str, **extra: Any) -> list[dict[str, Any]]:
        connection = {"conn_type": "snowflake", "login": "usage", "schema": "USAGE", "password": password}
        monkeypatch.setenv(
            f"AIRFLOW_CONN_{snowflake_warehouse.conn_id.upper()}", json.dumps({**connection, "extra": EXTRA | extra})
        )
        Warehouse.connect(snowflake_warehouse.conn_id, None).prepare()
        return sessions()

    return run


def test_a_password_reaches_the_connector(connect):
    opened = connect("secret", session_parameters={"QUERY_TAG": "usage"})
    expected = {"user": "usage", "password": "secret", "schema": "USAGE", "session_parameters": {"QUERY_TAG": "usage"}}
    assert opened
    assert [arguments | expected | EXTRA for arguments in opened] == opened


@pytest.mark.parametrize("field", ["private_key_content", "private_key_file"])
def test_a_key_pair_reaches_the_connector_instead_of_a_password(field, pem, der, connect, tmp_path):
    path = tmp_path / "key.p8"
    path.write_bytes(pem)
    opened = connect("open sesame", **{field: pem.decode() if field == "private_key_content" else str(path)})
    assert {arguments["private_key"] for arguments in opened} == {der}
    assert [arguments for arguments in opened if "password" in arguments] == []
