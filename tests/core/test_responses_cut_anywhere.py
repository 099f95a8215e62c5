"""P9: JSON that ends too early is tried again, wherever it was cut; JSON that is whole and wrong is final."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from datacoves_usage_provider.client.decoding import JsonNumber, decode_json
from datacoves_usage_provider.exceptions import RetriableError, UsageDataError


class Body(msgspec.Struct):
    number: JsonNumber
    more: Any = None


WHOLE = (
    '{"number": 12.5e-3, "more": [-1, -0.25, 1e+7, true, false, null, {"zoë \\u00e9\\n": "日本\\ud83d\\ude00"}, []]}'
)
WHOLES = [WHOLE.encode(), b'{"more": -12.5e-3, "number": 1}', b'{"number": -1', b'{"number": 1.5E-7}']


def decode(text: bytes) -> str:
    try:
        decode_json(text, Body)
    except RetriableError:
        return "retriable"
    except UsageDataError as error:
        return str(error)
    return "whole"


@pytest.mark.parametrize("whole", WHOLES)
def test_p9_json_that_is_cut_anywhere_is_tried_again(whole):
    cut = {whole[:size]: decode(whole[:size]) for size in range(1, len(whole))}
    assert {text: outcome for text, outcome in cut.items() if outcome != "retriable"} == {}


@pytest.mark.parametrize(
    "text", [b'{"number": -}', b'{"number": 1.}', b'{"number": 1e}', b"{]", b"nonsense", b'{"a" 1}']
)
def test_p8_json_that_is_whole_and_wrong_is_final(text):
    with pytest.raises(UsageDataError):
        decode_json(text, Body)


def test_whole_json_is_read():
    assert decode_json(WHOLE.encode(), Body).number == Decimal("12.5e-3")
