"""What is counted."""

from __future__ import annotations

import msgspec

from datacoves_usage_provider.columns import TEXT_LENGTH, text_fits


class Meter(msgspec.Struct, frozen=True, cache_hash=True):
    """
    One thing that an API counts, in ``unit``; both names have 1 to 255 characters.

    ``is_whole``: it comes in whole numbers, so XCom has its totals as integers. ``is_additive``: its days add up; the
    unique rows of two days, for example, may be the same rows, so they do not.
    """

    name: str
    unit: str
    is_whole: bool = True
    is_additive: bool = True

    def __post_init__(self) -> None:
        for text in (self.name, self.unit):
            if not text or not text_fits(text):
                raise ValueError(f"a meter's name and unit must each be a str of 1 to {TEXT_LENGTH} characters: {self}")
