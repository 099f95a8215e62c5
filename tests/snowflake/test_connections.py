"""Airflow's connection reaches Snowflake's connector whole, key pairs included."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.markdown import find_block_after

DOCUMENTED = json.loads(find_block_after("snowflake", "docs/operate.md"))
EXTRA = {name: value for name, value in DOCUMENTED["extra"].items() if name != "private_key_file"}


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
    """Make the tables through the docs' connection with ``extra``; return the arguments of each session it opened."""

    def run(password: str, **extra: Any) -> list[dict[str, Any]]:
        connection = DOCUMENTED | {"password": password, "extra": EXTRA | extra}
        monkeypatch.setenv(f"AIRFLOW_CONN_{snowflake_warehouse.conn_id.upper()}", json.dumps(connection))
        Warehouse.connect(snowflake_warehouse.conn_id, None).prepare()
        return sessions()

    return run


def test_a_password_reaches_the_connector(connect):
    opened = connect("secret", session_parameters={"QUERY_TAG": "usage"})
    expected = {"user": DOCUMENTED["login"], "password": "secret", "schema": DOCUMENTED["schema"], **EXTRA}
    expected |= {"session_parameters": {"QUERY_TAG": "usage"}}
    assert opened
    assert [arguments | expected for arguments in opened] == opened


@pytest.mark.parametrize("field", ["private_key_content", "private_key_file"])
def test_a_key_pair_reaches_the_connector_instead_of_a_password(field, pem, der, connect, tmp_path):
    path = tmp_path / "key.p8"
    path.write_bytes(pem)
    opened = connect("open sesame", **{field: pem.decode() if field == "private_key_content" else str(path)})
    assert {(arguments["user"], arguments["private_key"]) for arguments in opened} == {(DOCUMENTED["login"], der)}
    assert [arguments for arguments in opened if "password" in arguments] == []
