"""What a user should do if no complete response came."""

from __future__ import annotations

import re

import requests
import urllib3

from datacoves_usage_provider.client.redaction import Redactor
from datacoves_usage_provider.exceptions import RetriableError, UsageConfigError
from datacoves_usage_provider.text import shorten

_SHOWN = 300
_OBJECT = re.compile(r"<[^<>]+ at 0x[0-9a-f]+>[:,] |HTTPS?Connection(?:Pool)?\(host='[^']*', port=\d+\): ")
_RETRIABLE = (
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
    urllib3.exceptions.ProtocolError,
    urllib3.exceptions.TimeoutError,
    urllib3.exceptions.DecodeError,
)
_UNREACHABLE = (requests.exceptions.ConnectionError, requests.exceptions.ConnectTimeout)
PROXY_WANTS_LOGIN = (
    "The proxy in HTTP(S)_PROXY requires a password: write it there as http://name:password@host, or list the API's "
    "host in NO_PROXY."
)
_PROXY_FAILS = "The proxy in HTTP(S)_PROXY failed: check it, or list the API's host in NO_PROXY."
_REMEDIES = {
    "certificate is not valid for": "The certificate belongs to another host: check the URL in the connection's host "
    "field.",
    "CERTIFICATE_VERIFY_FAILED": "If the certificate is your company's own, put the path of its CA bundle into the "
    "connection's extra 'verify'.",
    "X509": "The connection's extra 'verify' must be the path of a CA bundle in PEM format.",
    "WRONG_VERSION_NUMBER": "The server does not speak TLS: should the connection's host field start with http://?",
    "Tunnel connection failed: 407": PROXY_WANTS_LOGIN,
    "CA certificate bundle": "Check the connection's extra 'verify' and the environment variable REQUESTS_CA_BUNDLE.",
}


def explain_transport_error(
    error: Exception, url: str, reach_hint: str, redactor: Redactor
) -> RetriableError | UsageConfigError:
    """
    Return what to raise for an ``error`` of the transport.

    ``RetriableError`` for what may pass, such as a refused connection, followed by ``reach_hint``;
    ``UsageConfigError`` for what a setting must fix.
    """
    reason = _OBJECT.sub("", redactor.clean(str(_find_reason(error)))).rstrip(".")
    message = f"No complete response from {url}: {shorten(reason, most=_SHOWN)}."
    remedy = next((remedy for words, remedy in _REMEDIES.items() if words in reason), None)
    if remedy is not None:
        return UsageConfigError(f"{message} {remedy}")
    if isinstance(error, requests.exceptions.ProxyError):
        return RetriableError(f"{message} {_PROXY_FAILS}")
    if type(error) in _UNREACHABLE:
        return RetriableError(f"{message} {reach_hint}".rstrip())
    if isinstance(error, _RETRIABLE):
        return RetriableError(message)
    return UsageConfigError(
        f"{message} Check the URL in the connection's host field and the proxy settings of this machine."
    )


def _find_reason(error: Exception) -> object:
    if not isinstance(error, (OSError, ValueError, urllib3.exceptions.HTTPError)):  # a fault in a library
        return repr(error)
    cause = error.args[0] if error.args else error
    if isinstance(cause, urllib3.exceptions.LocationParseError):  # it quotes the proxy's URL, which may have a password
        return "the URL of the proxy in HTTP(S)_PROXY cannot be read"
    reason = getattr(cause, "reason", None) or error
    # Its words are its last argument; as a whole it is a tuple.
    return reason.args[-1] if isinstance(reason, urllib3.exceptions.ConnectTimeoutError) else reason
