"""
Makes the readme that a package index shows: there, relative links and pictures of README.md would lead nowhere.

Hatchling finds a build script by this file's name, and puts it into the sdist.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# An address has a colon, and a place on the same page begins with a #.
_RELATIVE = re.compile(r"(?P<image>!?)(?P<text>\[[^][]*\])\((?P<path>[^#():\s][^():\s]*)\)")


class ReadmeHook(MetadataHookInterface):
    """Makes relative links absolute: to the repository, at the tag of the version that is built."""

    def update(self, metadata: dict[str, Any]) -> None:
        repository, tag = metadata["urls"]["Homepage"], f"v{metadata['version']}"

        def make_absolute(link: re.Match[str]) -> str:
            view = "raw" if link["image"] else "blob"
            return f"{link['image']}{link['text']}({repository}/{view}/{tag}/{link['path']})"

        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": _RELATIVE.sub(make_absolute, text)}
