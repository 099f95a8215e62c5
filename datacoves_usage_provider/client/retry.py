"""When a request is tried again, after how long, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from threading import Event

import tenacity
from tenacity import sleep_using_event

from datacoves_usage_provider.exceptions import RetriableError, UsageApiUnavailableError

MAX_TRIES = 5
MAX_WAIT = 120.0
"""Seconds that one request may wait between its tries, added up: the worker that waits is billed."""

_LONGEST_RETRY_AFTER = 366 * 86_400.0
_SHORTEST_WAIT = 0.5
_backoff = tenacity.wait_random_exponential(multiplier=1, min=_SHORTEST_WAIT, max=30)


def parse_retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds in a ``Retry-After`` header, at most a year; None if it is neither a number nor a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_RETRY_AFTER)
    moment = parse_http_date(text)
    return None if moment is None else min(max(0.0, (moment - now).total_seconds()), _LONGEST_RETRY_AFTER)


def parse_http_date(text: str) -> datetime | None:
    """Return the moment of an HTTP date, which is UTC where it names no zone; None if it is not a date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def make_retrying(max_tries: int, warn: Callable[[str], None], stopping: Event) -> tenacity.Retrying:
    """
    Return what calls a function again while it raises ``RetriableError``.

    Waits grow randomly from half a second, or are what the server asked for, but no shorter. After ``max_tries``
    tries, or when the waits would exceed ``MAX_WAIT``, it raises ``UsageApiUnavailableError``. ``warn`` gets a line
    for each failed try that is followed by another. Once ``stopping`` is set there is no further try.
    """
    return tenacity.Retrying(
        sleep=sleep_using_event(stopping),
        stop=lambda state: state.attempt_number >= max_tries or _would_wait_too_long(state) or stopping.is_set(),
        wait=_get_wait,
        retry=tenacity.retry_if_exception_type(RetriableError),
        before_sleep=lambda state: warn(
            f"{_get_error(state)} Trying again in {state.upcoming_sleep:.1f} s "
            f"(try {state.attempt_number + 1} of {max_tries})."
        ),
        retry_error_callback=_give_up,
    )


def _get_error(state: tenacity.RetryCallState) -> RetriableError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, RetriableError)  # noqa: S101 (nothing else is tried again)
    return error


def _get_wait(state: tenacity.RetryCallState) -> float:
    requested = _get_error(state).retry_after
    return _backoff(state) if requested is None else max(requested, _SHORTEST_WAIT)


def _would_wait_too_long(state: tenacity.RetryCallState) -> bool:
    return state.idle_for + state.upcoming_sleep > MAX_WAIT


def _give_up(state: tenacity.RetryCallState) -> None:
    error = _get_error(state)
    sentences = [str(error)]
    if error.retry_after is not None:
        when = datetime.now(timezone.utc) + timedelta(seconds=error.retry_after)
        sentences.append(f"The server asks for no retry before {when:%Y-%m-%d %H:%M:%S} UTC.")
    if _would_wait_too_long(state):
        sentences.append(
            f"That is too long: a task waits at most {MAX_WAIT:.0f} seconds between the tries of a request."
        )
    if state.attempt_number > 1 or _would_wait_too_long(state):
        tries = "1 try" if state.attempt_number == 1 else f"{state.attempt_number} tries"
        sentences.append(f"Gave up after {tries} and {state.idle_for:.0f} seconds of waiting: let Airflow retry later.")
    raise UsageApiUnavailableError(" ".join(sentences)) from error
