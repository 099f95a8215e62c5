"""A query's filters, checked against those that an API has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from datacoves_usage_provider.chunk import ANY, Scope
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord

if TYPE_CHECKING:
    from datacoves_usage_provider.hooks.usage import UsageHook


def check_filters(hook: UsageHook, filters: Mapping[str, tuple[str, ...]]) -> None:
    """Raise a ``UsageConfigError`` that lists the known ones for a filter, or a value, that the API does not have."""
    for name, values in filters.items():
        if name not in hook.filter_fields:
            known = ", ".join(sorted(hook.filter_fields)) or "none"
            raise UsageConfigError(f"{hook.hook_name} has no filter {name!r}; it has: {known}.")
        if ANY in values:
            raise UsageConfigError(f"{name} {ANY!r} is no value: leave the filter out to ask for all.")
        documented = hook.documented_values.get(name, values)
        if unknown := sorted(set(values) - set(documented)):
            raise UsageConfigError(
                f"{hook.hook_name} knows no {name} {', '.join(map(repr, unknown))}; it has: {', '.join(documented)}."
            )


def get_scope(hook: UsageHook, query: UsageQuery) -> Scope:
    """Return the filters of ``query`` in the words of the tables."""
    return {hook.filter_fields[name]: values for name, values in query.filters.items()}


def warn_of_undocumented(hook: UsageHook, records: Iterable[UsageRecord]) -> None:
    """Log a warning for each value, such as a service, that ``records`` have and the API's documentation has not."""
    for name, documented in hook.documented_values.items():
        field = hook.filter_fields[name]
        for value in sorted({getattr(record, field) for record in records} - set(documented)):
            hook.log.warning(
                "%s answers with %s %r, which its documentation does not know; it is loaded under this name.",
                hook.service_provider_name,
                name,
                value,
            )
