"""Whose a DAG is, as an Airflow says it today."""

from __future__ import annotations

import json
from typing import NamedTuple


class DagLabels(NamedTuple):
    """The owners and tags of a DAG, each sorted and without doubles."""

    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def join_owners(self) -> str:
        return ", ".join(self.owners)

    def find_team(self, prefix: str | None) -> str:
        """Return what follows ``prefix`` in the tags that begin with it; ``""`` if none does, or there is no prefix."""
        named = {tag[len(prefix) :].strip() for tag in self.tags if tag.startswith(prefix)} if prefix else set()
        return ", ".join(sorted(named - {""}))

    def write_tags(self) -> str:
        """Return the tags as FOCUS has those without a value: a JSON object in which each is true."""
        return json.dumps(dict.fromkeys(self.tags, True), ensure_ascii=False)


NO_LABELS = DagLabels()
