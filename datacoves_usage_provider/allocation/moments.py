"""Moments in an Airflow's tables, whatever their database makes of a time zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[int]):
    """A timestamp that is microseconds since 1970 in Python; one without an offset is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: int | None, _: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND

    def process_result_value(self, value: Any, _: Dialect) -> int | None:
        if value is None:
            return None
        moment: datetime = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return (moment - _EPOCH) // _MICROSECOND
