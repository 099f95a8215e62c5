"""What an error reporter such as Sentry collects from a raised error, with the local variables of all frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import requests

from tests.support.secrecy import find_chain

_DEPTH = 4


def collect(error: BaseException) -> str:
    """Return all that it would send of ``error``, its causes and its contexts, but for frames of tests."""
    return "\n".join(text for one in find_chain(error) for text in _describe(one))


def _describe(error: BaseException) -> Iterator[str]:
    yield from (str(error), repr(error), repr(error.args))
    yield from _show(vars(error), _DEPTH)
    yield from _describe_frames(error.__traceback__)


def _describe_frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        frame = traceback.tb_frame
        if "/tests/" not in frame.f_code.co_filename:
            yield from _show(frame.f_locals, _DEPTH)
        traceback = traceback.tb_next


def _show(value: Any, depth: int) -> Iterator[str]:
    """Yield what a serializer makes of ``value``: containers item by item, requests and responses with headers."""
    yield repr(value)
    if depth == 0:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _show(name, 0)
            yield from _show(item, depth - 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _show(item, depth - 1)
    elif isinstance(value, (requests.Request, requests.PreparedRequest, requests.Response, BaseException)):
        yield from _show(vars(value), depth - 1)
