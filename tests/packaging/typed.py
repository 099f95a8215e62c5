"""Which blocks of the pages someone types."""

from __future__ import annotations

import re
from importlib.metadata import version

from tests.docs.markdown import Block, find_blocks, read
from tests.docs.vendor_pages import PAGES

AIRFLOW = version("apache-airflow")
START = "docs/start.md"
START_SECTIONS = ("Install", "Start a usage API", "Make a warehouse", "Connect", "Run", "Look at the rows")
"""Those of that page that are typed, in order."""
SERVICES = tuple(PAGES.values())
CONSTRAINTS = "https://raw.githubusercontent.com/apache/airflow/constraints-$AIRFLOW/constraints-$PYTHON.txt"
OWN_API = "docs/own-api.md"


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
