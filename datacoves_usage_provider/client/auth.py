"""The key on a request."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests
from requests.auth import AuthBase


@dataclass(frozen=True)
class SchemeAuth(AuthBase):
    """Sends ``Authorization: <scheme> <key>``. As an auth object it wins over ``~/.netrc``, which a header does not."""

    scheme: str
    key: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self.scheme} {self.key}"
        return request
