"""What is asked of a usage API, and exactly what a load then replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.window import UsageWindow


@dataclass(frozen=True)
class UsageQuery:
    """
    One window plus filters in the API's own words.

    ``filters`` maps a filter's name to the values wanted, at least one each; a name that is absent is not filtered.
    """

    window: UsageWindow
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.filters.items():
            if isinstance(values, str) or not values:
                raise UsageConfigError(f"Filter {name!r} must have a tuple of at least one value, not {values!r}.")
        # A value given twice would be asked for, and counted, twice.
        unique = {name: tuple(dict.fromkeys(values)) for name, values in self.filters.items()}
        object.__setattr__(self, "filters", unique)
