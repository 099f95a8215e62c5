"""Whether a text leaks the key."""

from __future__ import annotations

import base64
import json
import traceback
from urllib.parse import quote


def spellings(key: str) -> list[str]:
    return [
        key,
        json.dumps(key)[1:-1],
        "".join(char if char.isalnum() else f"\\u{ord(char):04x}" for char in key),
        quote(key),
        quote(key, safe=""),
        base64.b64encode(key.encode()).decode(),
        *(base64.b64encode(bytes(before) + key.encode()).decode()[before + 1 :].rstrip("=") for before in (1, 2)),
    ]


def leaked(text: str, key: str) -> list[str]:
    """The parts of 8 characters of each spelling of the key that ``text`` has."""
    parts = {spelling[n : n + 8] for spelling in spellings(key) for n in range(max(1, len(spelling) - 7))}
    lower = text.lower()
    return sorted(part for part in parts if part.lower() in lower)


def everything_about(error: BaseException) -> str:
    """The error, its causes and its hidden contexts, with and without the traceback's words."""
    texts = traceback.format_exception(type(error), error, error.__traceback__)
    texts += [text for one in find_chain(error) for text in (str(one), repr(one), repr(one.args))]
    return "\n".join(texts)


def find_chain(error: BaseException) -> list[BaseException]:
    """Return ``error``, its causes and its contexts, hidden ones too."""
    chain: list[BaseException] = []
    pending = [error]
    while pending:
        one = pending.pop()
        if one not in chain:
            chain.append(one)
            pending += [other for other in (one.__cause__, one.__context__) if other is not None]
    return chain
