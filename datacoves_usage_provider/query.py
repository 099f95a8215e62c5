"""What is asked of a usage API, and exactly what a load then replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class UsageQuery:
    """
    One window plus filters in the API's own words.

    ``filters`` maps a filter's name to the values wanted, at least one each; a name that is absent is not filtered.
    """

    window: UsageWindow
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
