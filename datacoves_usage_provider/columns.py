"""What the columns of the usage tables can hold, and arithmetic that never rounds."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation

# Numbers are NUMERIC(38, 18).
WHOLE_DIGITS = 20
FRACTION_DIGITS = 18
TEXT_LENGTH = 255

_COLUMN = Context(prec=WHOLE_DIGITS + FRACTION_DIGITS, traps=[Inexact, InvalidOperation])
_LAST_DIGIT = Decimal(1).scaleb(-FRACTION_DIGITS)

EXACT = Context(prec=76, traps=[Inexact, InvalidOperation])
"""For sums of such numbers: a result that would have to be rounded is an error instead."""


def number_fits(number: Decimal) -> bool:
    """Tell whether NUMERIC(38, 18) holds ``number`` exactly."""
    try:
        _COLUMN.quantize(number, _LAST_DIGIT)
    except (Inexact, InvalidOperation):
        return False
    return number.is_finite()


def text_fits(text: str, length: int = TEXT_LENGTH) -> bool:
    """Tell whether a text column of ``length`` characters holds ``text`` as it is."""
    # A member of an enum equals its text, but is another key, and is written as its name.
    return type(text) is str and len(text) <= length and "\x00" not in text
