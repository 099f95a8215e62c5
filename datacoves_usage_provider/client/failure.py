"""What it means when no answer comes at all."""

from __future__ import annotations

import re

import requests
import urllib3

from datacoves_usage_provider.client.decoding import shorten
from datacoves_usage_provider.client.retry import TryAgain
from datacoves_usage_provider.exceptions import UsageConfigError

_SHOWN = 300
_OBJECT = re.compile(r"<[^<>]+ object at 0x[0-9a-f]+>: |HTTPS?Connection\(host='[^']*', port=\d+\): ")
_MAY_PASS = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.TimeoutError,
    urllib3.exceptions.DecodeError,
)
_NO_PROXY = "NO_PROXY lists hosts to reach without it."
PROXY_WANTS_PASSWORD = f"That is the proxy of HTTP(S)_PROXY, where http://name:password@host belongs; {_NO_PROXY}"
_REMEDIES = {
    "certificate is not valid for": "The certificate is another host's: check the URL in the connection's host field.",
    "CERTIFICATE_VERIFY_FAILED": "If the certificate is your company's own, put the path of its CA bundle into the "
    "connection's extra 'verify'.",
    "X509": "The connection's extra 'verify' must be the path of a CA bundle in PEM format.",
    "WRONG_VERSION_NUMBER": "It does not speak TLS: should the connection's host field start with http://?",
    "Tunnel connection failed: 407": PROXY_WANTS_PASSWORD,
    "CA certificate bundle": "Check the connection's extra 'verify' and the variable REQUESTS_CA_BUNDLE.",
}


def explain_failure(error: Exception, url: str, conn_id: str, hint: str) -> TryAgain | UsageConfigError:
    """
    Return what to raise for an ``error`` of the transport.

    ``TryAgain`` for what may pass, such as a refused connection, with ``hint`` on where the API can be reached;
    ``UsageConfigError`` for what a setting must mend.
    """
    reason = _OBJECT.sub("", str(_find_reason(error))).rstrip(".")
    said = f"{url} does not answer: {shorten(reason, most=_SHOWN)}."
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in reason), None)
    if remedy is not None:
        return UsageConfigError(f"Connection {conn_id!r}: {said} {remedy}")
    if isinstance(error, requests.exceptions.ProxyError):
        return TryAgain(f"{said} That is the proxy of HTTP(S)_PROXY; {_NO_PROXY}")
    if type(error) is requests.exceptions.ConnectionError:
        return TryAgain(f"{said} {hint}".rstrip())
    if isinstance(error, _MAY_PASS):
        return TryAgain(said)
    return UsageConfigError(
        f"Connection {conn_id!r}: {said} Check the URL in its host field and the proxy of this environment."
    )


def _find_reason(error: Exception) -> object:
    cause = error.args[0] if error.args else error
    return getattr(cause, "reason", None) or error
