"""The types of columns that PostgreSQL's catalog has, with which a load can work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CHAR, Boolean, Date, Numeric, String
from sqlalchemy.types import TypeEngine, UserDefinedType

_PLAIN: dict[str, type[TypeEngine[Any]]] = {"bool": Boolean, "date": Date}


class _OtherType(UserDefinedType[Any]):
    """A type that none of the columns may have, by its name."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


def make_type(name: str, modifier: int, words: str, is_deterministic: bool) -> TypeEngine[Any]:
    """Return the type of a column; ``words`` are how PostgreSQL writes it, the rest is what its catalog has."""
    length = modifier - 4  # the modifier counts its own four bytes
    if name == "numeric":
        return Numeric() if modifier == -1 else Numeric(length >> 16 & 0xFFFF, length & 0x7FF)
    if name in {"varchar", "text"} and is_deterministic:
        return String()
    if name == "bpchar":
        return CHAR(length) if modifier != -1 else CHAR()
    if name in _PLAIN:
        return _PLAIN[name]()
    return _OtherType(words if is_deterministic else f"{words} with a nondeterministic collation")
