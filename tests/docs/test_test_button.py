"""The Test button says each of the things that docs/collect.md explains."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.simulator import DatacovesBilling, Simulator, faults
from tests.docs.markdown import code_in, read_table
from tests.docs.vendor_pages import COLLECT

EXPLAINED = [text for row in read_table("the Test says", page=COLLECT) for text in code_in(row[0])]
WORKS = [
    "accepts the key: 3 environments, usage up to",
    "no usage found",
    "sends its API key unencrypted to",
    "has extras that are not used",
]


@dataclass(frozen=True)
class Parts:
    """What a case may spoil before the button is pressed."""

    api: DatacovesBilling
    simulator: Simulator
    set_conn: Callable[..., None]

    def play(self, fault: faults.Fault) -> None:
        self.simulator.faults.append(fault)


def use_nothing(parts: Parts) -> None:
    parts.api.environments = ()


# It reaches this machine, but is no loopback address.
FAR = "0.0.0.0"  # noqa: S104
CASES: dict[str, Callable[[Parts], Any]] = {
    "accepts the key: 3 environments, usage up to": lambda parts: None,
    "no usage found": use_nothing,
    "sends its API key unencrypted to": lambda parts: parts.set_conn(
        host=parts.simulator.billing_url.replace("127.0.0.1", FAR)
    ),
    "has extras that are not used": lambda parts: parts.set_conn(billing_acount_id="analytics"),
    "the API key (password) is empty": lambda parts: parts.set_conn(password=""),
    "too short to be a complete key": lambda parts: parts.set_conn(password="1234"),
    "contains white space, line breaks or characters other than ASCII": lambda parts: parts.set_conn(
        password=f"Token {parts.api.key}"
    ),
    "must be a full URL that starts with https://": lambda parts: parts.set_conn(host="api.example.com"),
    "contains the API key, which belongs in the password field alone": lambda parts: parts.set_conn(
        billing_account_id=parts.api.key
    ),
    "its port must be empty or 0": lambda parts: parts.set_conn(port=443),
    "Check the API key in the connection's password field": lambda parts: parts.set_conn(password="another-key"),
    "Check the URL in the connection's host field": lambda parts: parts.set_conn(host=f"{parts.simulator.url}/other"),
    "returned an HTML page instead of JSON": lambda parts: parts.play(faults.Html()),
    "The response is an HTML page": lambda parts: parts.play(faults.Status(403, html="<h1>Forbidden")),
    "The proxy in HTTP(S)_PROXY": lambda parts: parts.play(faults.Status(407)),
    "Redirects are not followed": lambda parts: parts.play(faults.Redirect("https://api.example.com/")),
    "No complete response from": lambda parts: parts.simulator.stop(),
    "should the connection's host field start with http://": lambda parts: parts.set_conn(
        host=parts.simulator.billing_url.replace("http:", "https:")
    ),
    "returned 503": lambda parts: parts.play(faults.Status(503)),
    "is not JSON": lambda parts: parts.play(faults.Body("usage: none")),
    "does not have the documented shape": lambda parts: parts.play(faults.Body("{}")),
    "usage is expected with status 200 only": lambda parts: parts.play(faults.Status(202)),
}
NO_ADMIN = "This API also responds like this to a key that is not an organization admin's"
PATIENCE = 20.0  # seconds
NO_TRUST = "put the path of its CA bundle into"
OTHER_NAME = "The certificate belongs to another host"


def test_everything_that_is_explained_has_a_case():
    assert EXPLAINED
    assert set(EXPLAINED) - {*CASES, NO_TRUST, OTHER_NAME} == set()


@pytest.mark.parametrize("said", CASES)
def test_the_button_says_so(said, api, simulator, set_datacoves_conn, datacoves_conn):
    CASES[said](Parts(api, simulator, set_datacoves_conn))
    worked, message = press(datacoves_conn)
    assert said in message
    assert worked == (said in WORKS)


def test_the_button_says_of_a_key_that_is_not_an_admins_what_to_do(set_conns, services):
    set_conns(webcrawlerapi=services["webcrawlerapi"].ordinary_key)
    worked, message = press("webcrawlerapi_default")
    assert NO_ADMIN in message
    assert not worked


def test_the_button_says_so_of_a_certificate_that_is_not_trusted(untrusted, set_datacoves_conn, datacoves_conn):
    set_datacoves_conn(host=untrusted)
    worked, message = press(datacoves_conn)
    assert NO_TRUST in message
    assert not worked


def test_the_button_says_so_of_a_certificate_of_another_host(untrusted, set_datacoves_conn, datacoves_conn, tmp_path):
    set_datacoves_conn(host=untrusted, verify=str(tmp_path / "server.pem"))
    worked, message = press(datacoves_conn)
    assert OTHER_NAME in message
    assert not worked


def press(conn_id: str) -> tuple[bool, str]:
    worked, message = BaseHook.get_connection(conn_id).get_hook().test_connection()
    return worked, message


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """The URL of a server whose certificate nobody has signed but itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(tmp_path / "server.pem"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)

        def greet() -> None:
            with suppress(OSError), server.accept()[0] as client:
                client.settimeout(PATIENCE)
                context.wrap_socket(client, server_side=True)

        greeting = Thread(target=greet)
        greeting.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        greeting.join()


def make_certificate(path: Path) -> Path:
    """Write a key and its certificate into the file ``path``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(encoding, pem, serialization.NoEncryption()) + certificate.public_bytes(encoding)
    )
    return path
