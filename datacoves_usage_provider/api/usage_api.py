"""What one vendor's usage API is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any, ClassVar

from datacoves_usage_provider.client.decoding import find_message
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import ANY, DIMENSIONS, Scope, UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.text import list_warnings, quote
from datacoves_usage_provider.window import UsageWindow

_MAX_CHUNK_DAYS = 31


@dataclass(frozen=True)
class UsagePage:
    """
    What one response says: its records, and whether there is more.

    ``next_request`` is for the next result page, None after the last. ``total`` is the number of records on all pages
    together, as the server gives it, each with its own key; None if the server does not give it. ``warnings`` are
    sentences for the log.
    """

    records: Iterable[UsageRecord]
    next_request: UsageRequest | None = None
    total: int | None = None
    warnings: tuple[str, ...] = ()


class UsageApi(ABC):
    """
    One vendor's usage API. It has no state: what a connection says comes in as ``settings``.

    The class attributes say who it is, which meters it has and how long a range it takes. The methods say what to
    request (``get_requests``), and what a response says and whether there is more (``parse_response``). An API whose
    responses may cover fewer days than requested overrides ``get_covered_days``; one that has its own figures of a
    month, ``get_month_requests``; one that reports errors with status 200, ``get_error_status``; one whose error
    responses need more than ``error_fields``, ``parse_error``.
    """

    service_provider_name: ClassVar[str]
    meters: ClassVar[tuple[Meter, ...]]
    """All that it counts; each has its own name."""
    sub_account_noun: ClassVar[str] = "sub account"
    """What the vendor calls a sub account: an environment, a workspace."""
    auth_schemes: ClassVar[tuple[str, ...]]
    """The word before the key in the header ``Authorization``; if there are several, ``auth_scheme`` chooses one."""
    default_host: ClassVar[str | None] = None
    """The URL of a connection that has none; None: it must have one."""
    identifiers: ClassVar[tuple[str, ...]] = ()
    """Extras that the connection must have, such as an organization's id."""
    reach_hint: ClassVar[str] = ""
    """What a user should check if the host cannot be reached."""
    error_fields: ClassVar[tuple[str, ...]] = ()
    """Where error responses have the vendor's message, such as ``error.message``; the first that is there counts."""
    remedies: ClassVar[Mapping[int, str]] = {}
    """What to do about status 401 (also used for 403) or 404, if this API means by it something unusual."""
    max_days: ClassVar[int] = _MAX_CHUNK_DAYS
    """Days in one chunk: at most 31, and never more than one request may cover."""
    concurrency: ClassVar[int] = 1
    """How many requests may be in flight at the same time."""
    ignores_unknown_values: ClassVar[bool] = False
    """Whether the API leaves out values of a filter that it does not know, without an error."""
    filter_dimensions: ClassVar[Mapping[str, str]] = {}
    """The API's filters, and which of ``sub_account_id``, ``service_name`` and ``resource_id`` it alone narrows."""
    documented_values: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The values that the API documents for a filter, where it lists them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """
        Raise ``TypeError`` for attributes that cannot be loaded exactly.

        A load with a filter that the load log has no column for, or with one of two filters on the same column, would
        look like a load of everything. Two meters of the same name would be added up.
        """
        super().__init_subclass__(**kwargs)
        if problem := next(_find_problems(cls), None):
            raise TypeError(f"{cls.__name__}.{problem}.")

    @abstractmethod
    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterable[UsageRequest]:
        """
        Return the requests whose responses cover all of ``query``; if there are several result pages, only the first.

        Usage that two requests of different windows or scopes cover counts once. Their responses must agree on it, but
        the response to a wider request may leave all of it out. Records of one key in requests of the same window and
        scope are added up.
        """

    @abstractmethod
    def parse_response(self, request: UsageRequest, body: bytes) -> UsagePage:
        """
        Return what a response says, or raise ``UsageDataError``.

        Records of the day before the request's window and of the day after it are dropped; of any other day they are an
        error.
        """

    def parse_error(self, body: bytes) -> str:
        """Return the vendor's own words in an error response, ``""`` if there are none. Never raises."""
        return find_message(body, *self.error_fields)

    def get_error_status(self, body: bytes) -> int | None:
        """Return the HTTP status that an error inside a response with status 200 stands for; None: not an error."""
        return None

    def get_covered_days(self, window: UsageWindow, records: Collection[UsageRecord], now: datetime) -> Iterable[date]:
        """Return the days of ``window`` that responses with ``records``, requested ``now``, cover."""
        return window.days

    def get_month_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterable[UsageRequest]:
        """Return the requests for the vendor's own figures of a whole month; the day of their records is its first."""
        return ()

    def get_scope(self, filters: Mapping[str, tuple[str, ...]]) -> Scope:
        """
        Return ``filters`` by the columns of the tables.

        A filter, or a value, that the API does not have is a ``UsageConfigError`` that lists the known ones.
        """
        for name, values in filters.items():
            self._check_filter(name, values)
        return Scope(**{self.filter_dimensions[name]: values for name, values in filters.items()})

    def find_undocumented(self, records: Collection[UsageRecord]) -> list[str]:
        """Return a warning for each value, such as a service, that is in ``records`` but not in the documentation."""
        warnings: list[str] = []
        for name, documented in self.documented_values.items():
            seen = set(map(attrgetter(self.filter_dimensions[name]), records))
            warnings += list_warnings(
                f"{self.service_provider_name} reports {name} {quote(value)}, which its documentation does not list. "
                "It is loaded under this name."
                for value in sorted(seen.difference(documented))
            )
        return warnings

    def _check_filter(self, name: str, values: tuple[str, ...]) -> None:
        if name not in self.filter_dimensions:
            known = ", ".join(sorted(self.filter_dimensions)) or "none"
            raise UsageConfigError(f"{self.service_provider_name} does not have a filter {name!r}; it has: {known}.")
        if ANY in values:
            raise UsageConfigError(f"{name} must not be {ANY!r}. Leave the filter out to get everything.")
        documented = self.documented_values.get(name, values)
        if unknown := sorted(set(values).difference(documented)):
            raise UsageConfigError(
                f"{self.service_provider_name} does not know {name} {', '.join(map(repr, unknown))}; it knows: "
                f"{', '.join(documented)}."
            )


def _find_problems(api: type[UsageApi]) -> Iterator[str]:
    """Yield what is wrong with attributes of ``api``; each begins with the name of one."""
    narrowed = list(api.filter_dimensions.values())
    if others := sorted(set(narrowed).difference(DIMENSIONS)):
        yield f"filter_dimensions has {', '.join(others)}; it may have {', '.join(DIMENSIONS)}"
    if len(set(narrowed)) < len(narrowed):
        yield f"filter_dimensions must have each dimension once: {', '.join(narrowed)}"
    if others := sorted(set(api.documented_values).difference(api.filter_dimensions)):
        yield f"documented_values has {', '.join(others)}, which filter_dimensions does not have"
    names = [meter.name for meter in getattr(api, "meters", ())]
    if len(set(names)) < len(names):
        yield f"meters must have different names, not {', '.join(names)}"
    if not 1 <= api.max_days <= _MAX_CHUNK_DAYS:
        yield f"max_days must be from 1 to {_MAX_CHUNK_DAYS}, not {api.max_days}"
