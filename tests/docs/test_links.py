"""Every link between the pages leads somewhere, and every page and picture has a link to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import normpath

import pytest

from tests.docs.markdown import PAGES, ROOT, without_blocks

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Link:
    """A link on ``page`` to the file ``target``, both seen from the root; ``anchor`` is ``""`` without one."""

    page: str
    target: str
    anchor: str

    def __str__(self) -> str:
        return f"{self.page}: {self.target}#{self.anchor}"


def find_links() -> list[Link]:
    return [
        Link(page, normpath(PurePosixPath(page).parent / path) if path else page, anchor)
        for page in PAGES
        for link in _LINK.findall(without_blocks(page))
        if ":" not in link
        for path, _, anchor in [link.partition("#")]
    ]


def find_anchors(page: str) -> set[str]:
    """Return the anchors that GitHub makes of the headings of ``page``."""
    headings = [re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", heading) for heading in _HEADING.findall(without_blocks(page))]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = find_links()


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_every_link_leads_to_a_file_and_a_heading(link: Link):
    assert (ROOT / link.target).exists()
    assert not link.anchor or link.anchor in find_anchors(link.target)


def test_every_page_is_found_from_the_readme():
    found = {"README.md"}
    while more := {link.target for link in LINKS if link.page in found} - found:
        found |= more
    assert set(PAGES) - found == set()


def test_every_picture_is_on_a_page():
    pictures = {f"docs/pictures/{path.name}" for path in ROOT.glob("docs/pictures/*")}
    assert pictures - {link.target for link in LINKS} == set()
