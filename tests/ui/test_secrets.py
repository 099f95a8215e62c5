"""The last file by its name: it closes the tab and looks through everything that the others left."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from tests.ui.test_connections import WRONG_KEY


@pytest.fixture(scope="session")
def secrets(simulated):
    """The keys that were typed, as they are and as base64 would show them."""
    keys = [WRONG_KEY, *(str(api.key) for api in simulated.apis.values())]
    return [*keys, *(b64encode(key.encode()).decode().rstrip("=") for key in keys)]


def find(secrets, texts):
    return sorted(name for name, text in texts.items() if any(secret in text for secret in secrets))


def read_files(folder: Path):
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_text(errors="replace") for path in files}


def test_p10_no_page_that_was_read_shows_a_key(ui, secrets, daily_run, backfill_run):
    assert ui.pages
    assert find(secrets, dict(enumerate(ui.pages))) == []


def test_p10_no_log_or_other_file_of_airflow_has_a_key(server, secrets, daily_run, backfill_run):
    files = read_files(server.home)
    assert any("attempt=1" in name for name in files)
    assert find(secrets, files) == []


def test_p10_no_response_that_the_browser_got_has_a_key(tab, har, secrets, daily_run, backfill_run):
    tab.close()
    responses = read_responses(har)
    assert any("/connections" in name for name in responses)
    assert find(secrets, responses) == []


def read_responses(har: Path):
    """Return header and body of each response, by its number and URL; what was sent has the keys that were typed."""
    entries = json.loads(har.read_text())["log"]["entries"]
    return {f"{number} {entry['request']['url']}": read_response(har, entry) for number, entry in enumerate(entries)}


def read_response(har: Path, entry):
    content = entry["response"]["content"]
    body = (
        (har.parent / content["_file"]).read_text(errors="replace") if "_file" in content else content.get("text", "")
    )
    return f"{entry['response']['headers']}\n{body}"
