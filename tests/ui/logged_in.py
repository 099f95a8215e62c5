"""A session of requests whose user is logged in: what a browser would be answered, without one."""

from __future__ import annotations

import re

import requests

from tests.real_runs.cases import AIRFLOW

REQUEST_SECONDS = 60


def log_in(url: str, user: str, password: str) -> requests.Session:
    """Log in to the Airflow at ``url``; a ``requests.HTTPError`` if it refuses."""
    session = requests.Session()
    if AIRFLOW == 2:
        form = session.get(f"{url}/login/", timeout=REQUEST_SECONDS)
        (token,) = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', form.text)
        fields = {"username": user, "password": password, "csrf_token": token}
        session.post(f"{url}/login/", fields, timeout=REQUEST_SECONDS).raise_for_status()
        return session
    answer = session.post(f"{url}/auth/token", json={"username": user, "password": password}, timeout=REQUEST_SECONDS)
    answer.raise_for_status()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return session
