"""From JSON text to typed rows, and to the words of an error response; an error names record, field and value."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from threading import Lock
from typing import Annotated, Any, TypeVar

import msgspec

from datacoves_usage_provider.columns import FRACTION_DIGITS, WHOLE_DIGITS, number_fits
from datacoves_usage_provider.exceptions import RetriableError, UsageDataError
from datacoves_usage_provider.text import shorten

T = TypeVar("T")

_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")
_BAD_NUMBER = re.compile(r"invalid number \(byte (\d+)\)")
_LARGEST_LOOKED_THROUGH = 10_000_000
"""Bytes of a response that may be decoded whole to quote from it: as Python objects it is up to 25 times as large."""

_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_making_a_decoder = Lock()  # of two threads that make msgspec look at one type at the same time, one crashes or hangs
# Reads any JSON, to show what a typed decoder rejected; a number out of range becomes infinite instead of an error.
_anything = msgspec.json.Decoder(float_hook=float)


class JsonNumber(Decimal):
    """A field of a response: a number of at least 0, exact to its last digit. For what is compared, but not loaded."""


class JsonAmount(JsonNumber):
    """A field of a response that is loaded: NUMERIC(38, 18) holds its number exactly."""


JsonCount = Annotated[int, msgspec.Meta(ge=0)]
"""A field that is a whole number of at least 0."""
JsonId = Annotated[str, msgspec.Meta(min_length=1)]
"""A field that is a text, and not an empty one."""


def _to_number(kind: type[JsonNumber], value: Any) -> JsonNumber:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value < Decimal("Infinity"):
        raise ValueError("Expected a number >= 0")
    amount = kind(value)
    if kind is JsonAmount and not number_fits(amount):
        raise ValueError(f"Expected at most {WHOLE_DIGITS} digits before the point and {FRACTION_DIGITS} after it")
    return amount


def _to_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond those of decimals
        return Decimal("Infinity")


def decode_json(body: bytes, kind: type[T]) -> T:
    """
    Decode ``body`` into a ``kind``, such as a ``msgspec.Struct``, ignoring fields that it does not have.

    Raises ``RetriableError`` if the text ends too early, and ``UsageDataError`` if it is not JSON or not of the shape.
    """
    try:
        return _get_decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        raise UsageDataError(f"The response does not have the documented shape: {_explain(error, body)}") from error
    except _NOT_JSON as error:
        raise _explain_no_json(error, body) from error


def _get_decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    with _making_a_decoder:
        if kind not in _decoders:
            _decoders[kind] = msgspec.json.Decoder(kind, dec_hook=_to_number, float_hook=_to_decimal)
    return _decoders[kind]


def _explain_no_json(error: Exception, body: bytes) -> RetriableError | UsageDataError:
    if _ends_too_early(str(error), body):
        return RetriableError(f"The JSON of the response ends too early, after {len(body)} bytes.")
    return UsageDataError(f"The response is not JSON ({error}); it starts with '{shorten(body)}'.")


def _ends_too_early(message: str, body: bytes) -> bool:
    """Tell whether msgspec says so, or rejects a number that ends where ``body`` does, such as ``[1.``."""
    number = _BAD_NUMBER.search(message)
    return "truncated" in message or (number is not None and int(number[1]) >= len(body))


def _explain(error: msgspec.ValidationError, body: bytes) -> str:
    if len(body) > _LARGEST_LOOKED_THROUGH:
        return f"{shorten(str(error))}."
    message, _, path = str(error).partition(" - at `$")
    try:
        value = _anything.decode(body)
        where = "the whole response"
        for index, name in _STEP.findall(path):
            value = value[int(index) if index else name]
            where = f"record {index}" if index else f"{where.removesuffix(',')}, field {name!r},"
    # An integer with more digits than any decoder takes; a field that is there twice, where the last one counts.
    except (msgspec.ValidationError, LookupError, TypeError):
        return f"{shorten(str(error))}."
    except _NOT_JSON as broken:  # after what the typed decoder rejected
        raise _explain_no_json(broken, body) from broken
    return f"{where} is {shorten(json.dumps(value))}: {message}."


def find_text(body: bytes, path: str) -> str | None:
    """Return the text at ``path``, such as ``error.message``, in a JSON object; None if there is none."""
    return _find(_read_anything(body), path)


def find_message(body: bytes, *paths: str) -> str:
    """Return the first text at one of ``paths``; otherwise ``body``, or ``""`` if it is not JSON or too large."""
    value = _read_anything(body)
    for path in paths:
        if text := _find(value, path):
            return text
    return "" if value is None else body.decode(errors="replace")


def _find(value: Any, path: str) -> str | None:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _read_anything(body: bytes) -> Any:
    if len(body) > _LARGEST_LOOKED_THROUGH:
        return None
    try:
        return _anything.decode(body)
    except (ValueError, msgspec.DecodeError, RecursionError):
        return None
