"""Which blocks of the pages someone types, and with what in the place of their examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version

from tests.docs.markdown import Block, find_blocks, read

AIRFLOW = version("apache-airflow")
START = "docs/start.md"
SERVICES = ("docs/datacoves.md", "docs/adverity.md", "docs/webcrawlerapi.md", "docs/b3os.md")
OWN_API = "docs/own-api.md"

NOT_TYPED: Mapping[tuple[str, str], str] = {
    ("README.md", "Try it"): "It is what .ci/run itself runs.",
    ("CONTRIBUTING.md", "Running parts of the tests"): "It runs the tests, these among them.",
    ("docs/benchmarks.md", ""): "It takes ten minutes of the whole machine.",
    ("docs/operating.md", "Known vulnerabilities"): "It asks the vulnerability database of the day.",
}
"""By page and section, why no test types its blocks. All others are typed."""


def find_typed(page: str, section: str | None = None) -> list[str]:
    """Return the texts that are typed of a page, or of one ``##`` section, on the Airflow that the tests run on."""
    return [
        block.text
        for block in find_blocks("bash")
        if block.page == page and section in (None, find_section(block)) and find_airflow(block) in (None, AIRFLOW)
    ]


def find_airflow(block: Block) -> str | None:
    """Return the version in the line ``<!-- Airflow 2.10.3 -->`` above the block, if it has one."""
    marker = re.fullmatch(r"<!-- Airflow (.+) -->", read(block.page).splitlines()[block.line - 2])
    return marker and marker[1]


def find_section(block: Block) -> str:
    """Return the ``##`` heading that the block stands below, ``""`` above the first."""
    before = "\n".join(read(block.page).splitlines()[: block.line])
    return re.findall(r"^## (.+)$|\A", before, re.MULTILINE)[-1]
