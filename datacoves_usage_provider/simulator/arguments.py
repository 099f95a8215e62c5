"""Reads the values of the command's options; a value that it cannot read is an error."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable

from datacoves_usage_provider.simulator import faults

FAULT_HELP = """\
faults:
  status=CODE[,RETRY_AFTER]  another status; RETRY_AFTER is in seconds, or an HTTP date
  drop                       the connection is closed without a response
  cut-after=BYTES            the connection is closed after so many bytes of the body
  early-end=BYTES            the JSON ends after so many bytes
  slow=SECONDS               the response starts only after so many seconds
  html                       an HTML login page
  body=TEXT                  other JSON, or text that is not JSON
  redirect=URL               a redirect to another place
  none                       no fault for this request
"""


def parse_port(text: str) -> int:
    return _parse_number(text, 0, 65535)


def parse_count(text: str) -> int:
    return _parse_number(text, 1, 1440)


def _parse_number(text: str, lowest: int, highest: int) -> int:
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise ArgumentTypeError(f"{text!r} is not a number from {lowest} to {highest}")
    return int(text)


def parse_key(text: str) -> str:
    if len(text) < 8 or not text.isascii() or not text.isprintable() or " " in text:
        raise ArgumentTypeError("a key must have at least 8 characters, all of them ASCII, and no spaces")
    return text


def parse_slugs(text: str) -> tuple[str, ...]:
    slugs = tuple(slug.strip() for slug in text.split(","))
    if not all(slugs):
        raise ArgumentTypeError(f"{text!r} is not a list of slugs such as abc123,def456")
    return slugs


def parse_fault(text: str) -> faults.Fault | None:
    """Read ``NAME`` or ``NAME=ARGUMENT``."""
    name, _, argument = text.partition("=")
    try:
        return _ALONE[name] if name in _ALONE and not argument else _WITH_ARGUMENT[name](argument)
    except (KeyError, ValueError):
        raise ArgumentTypeError(f"{text!r} is not a fault; --help lists them") from None


def _parse_status(text: str) -> faults.Status:
    code, _, retry_after = text.partition(",")
    return faults.Status(int(code), retry_after or None)


_ALONE: dict[str, faults.Fault | None] = {
    "none": None,
    "drop": faults.DropConnection(),
    "html": faults.Html(),
}
_WITH_ARGUMENT: dict[str, Callable[[str], faults.Fault]] = {
    "status": _parse_status,
    "cut-after": lambda text: faults.CutAfter(int(text)),
    "early-end": lambda text: faults.EarlyEnd(int(text)),
    "slow": lambda text: faults.Slow(float(text)),
    "body": faults.Body,
    "redirect": faults.Redirect,
}
