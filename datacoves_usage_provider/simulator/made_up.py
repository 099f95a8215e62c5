"""What made-up usage is made of: a first day, a clock, and chance that is the same on every machine."""

from __future__ import annotations

from datetime import date, datetime, timezone
from hashlib import blake2b

FIRST_DAY = date(2024, 1, 1)


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


def draw(name: str) -> tuple[float, float]:
    """Return two numbers from 0 to 1 (exclusive) that ``name`` decides; ``hash()`` differs from process to process."""
    digest = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
    return (digest >> 32) / 2**32, (digest & 0xFFFFFFFF) / 2**32
