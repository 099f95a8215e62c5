"""Reads out of the project's Markdown files what the tests check against the code."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block; ``str`` of it says where it is, for the names of tests."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read(page: str) -> str:
    return (ROOT / page).read_text()


def find_blocks(language: str) -> list[Block]:
    """Return the fenced blocks of ``language`` on all pages; ``""`` finds those that name none."""
    return [block for page in PAGES for block in _read_blocks(page) if block.language == language]


def _read_blocks(page: str) -> list[Block]:
    text = read(page)
    return [Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in _FENCED.finditer(text)]


def find_sections(prefix: str, page: str) -> dict[str, list[Block]]:
    """Return the fenced blocks below each heading that begins with ``prefix``, such as ``"## "``, in order."""
    sections: dict[str, list[Block]] = {}
    blocks = {block.line: block for block in _read_blocks(page)}
    current: list[Block] = []
    for number, line in enumerate(read(page).splitlines(), start=1):
        if re.match(r"#+ ", line):
            current = sections.setdefault(line.removeprefix(prefix), []) if line.startswith(prefix) else []
        elif number in blocks:
            current.append(blocks[number])
    return sections


def find_commands() -> list[list[str]]:
    """Return the words of each command in a bash block."""
    return [command for block in find_blocks("bash") for command in split_commands(block.text)]


def split_commands(text: str) -> list[list[str]]:
    commands: list[list[str]] = []
    pending = ""
    for line in text.replace("\\\n", "").splitlines(keepends=True):
        pending += line
        try:
            commands.append(shlex.split(pending, comments=True))
        except ValueError:  # a quoted text goes on in the next line
            continue
        pending = ""
    return [command for command in commands if command]  # a comment is none


def find_block_after(marker: str, page: str = "README.md") -> str:
    """Return the text of the first fenced block after ``<!-- marker -->``."""
    _, found, rest = read(page).partition(f"<!-- {marker} -->")
    block = _FENCED.search(rest)
    assert found, f"{page} has lost the marker {marker}"
    assert block, f"{page} has no block after the marker {marker}"
    return block[2]


def without_blocks(page: str) -> str:
    return _FENCED.sub("", read(page))


def read_table(first_header: str, after: str = "", page: str = "README.md") -> list[list[str]]:
    """Return the body cells of the first table after the line ``after`` whose first header is ``first_header``."""
    _, _, text = f"\n\n{without_blocks(page)}".partition(f"\n{after}\n")
    table = re.search(rf"^\| {re.escape(first_header)} \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, f"{page} has no table that begins with {first_header!r}"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table[1].splitlines()]


def code_in(text: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)
