"""What all usage APIs have in common: from a query to checked chunks of records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timezone
from functools import cached_property
from typing import Any, ClassVar

from datacoves_usage_provider.chunk import PARTS, UsageChunk, VendorMonth
from datacoves_usage_provider.client.plain_http import find_plain_http
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.client.unknown_extras import find_unknown_extras
from datacoves_usage_provider.compat import BaseHook, mask_secret
from datacoves_usage_provider.exceptions import UsageError
from datacoves_usage_provider.hooks.filters import check_filters
from datacoves_usage_provider.hooks.form import get_label, make_behaviour, make_widgets
from datacoves_usage_provider.hooks.page import UsagePage
from datacoves_usage_provider.hooks.reading import ask, read_chunk, read_month
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_TEST_TIMEOUT = 10.0
_TEST_DAYS = 7


class UsageHook(BaseHook, ABC):
    """
    A usage API behind an Airflow connection: the key is its password, the URL its host.

    A subclass says who it is and how long a range it takes (the class attributes), and answers: what do I ask
    (``get_requests``), what does the answer say and is there more (``parse_answer``), what does a refusal say
    (``parse_refusal``). An API whose answers may cover less than what was asked overrides ``get_covered_days``; one
    that has figures of a month of its own, ``get_month_requests``. Chunks, pages, retries, limits, checks and redaction
    are here.
    """

    conn_name_attr = "usage_conn_id"
    service_provider_name: ClassVar[str]
    sub_account_noun: ClassVar[str] = "sub account"
    """What the vendor calls a sub account: an environment, a workspace."""
    auth_schemes: ClassVar[tuple[str, ...]]
    """The word before the key in the header ``Authorization``; of several, the extra ``auth_scheme`` names one."""
    default_host: ClassVar[str | None] = None
    """The URL of a connection without one; None: it must have one."""
    identifiers: ClassVar[tuple[str, ...]] = ()
    """Extras of the connection that must be there, such as an organization's id."""
    reach_hint: ClassVar[str] = ""
    """What a user should think of when the host cannot be reached."""
    remedies: ClassVar[Mapping[int, str]] = {}
    """What to do about status 401, 403 or 404, where this API means something else by it than most."""
    max_days: ClassVar[int] = 31
    """Days in one chunk: at most 31, and never more than one request of the API may cover."""
    requests_at_once: ClassVar[int] = 1
    """How many requests may be under way at the same time; the order of their answers does not matter."""
    ignores_unknown_values: ClassVar[bool] = False
    """Whether the API leaves out values of a filter that it does not know, without a word."""
    filter_fields: ClassVar[Mapping[str, str]] = {}
    """The API's filters, and which of ``sub_account_id``, ``service_name`` and ``resource_id`` each of them narrows."""
    documented_values: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The values that the API documents for a filter, where it lists them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """
        Give each hook the form's methods as its own: Airflow 2 does not take them from a base class.

        Raises ``TypeError`` for a filter by something that the load log does not keep: its loads would pass for whole.
        """
        super().__init_subclass__(**kwargs)
        if others := sorted(set(cls.filter_fields.values()).difference(PARTS)):
            raise TypeError(f"{cls.__name__}.filter_fields has {', '.join(others)}; it may have {', '.join(PARTS)}.")
        for name in ("get_connection_form_widgets", "get_ui_field_behaviour"):
            if name not in vars(cls):
                setattr(cls, name, classmethod(getattr(UsageHook, name).__func__))

    def __init__(self, usage_conn_id: str | None = None) -> None:
        super().__init__()
        self.usage_conn_id = usage_conn_id or self.default_conn_name

    @abstractmethod
    def get_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterable[UsageRequest]:
        """Return what to ask so that the answers cover all of ``query``, each record once; first pages alone."""

    @abstractmethod
    def parse_answer(self, request: UsageRequest, body: bytes) -> UsagePage:
        """
        Return what an answer says, or raise ``UsageDataError``.

        Records of the day before the window and of the day after it are dropped; of any other day they are an error.
        """

    @abstractmethod
    def parse_refusal(self, body: bytes) -> str:
        """Return the vendor's own words in a refusal, ``""`` if there are none. Never raises."""

    def get_covered_days(
        self, window: UsageWindow, records: Collection[UsageRecord], asked_at: datetime
    ) -> tuple[date, ...]:
        """Return the days of ``window`` that the answers, which say ``records``, cover; others are not loaded."""
        return window.days

    def get_month_requests(self, settings: ClientSettings, query: UsageQuery) -> Iterable[UsageRequest]:
        """Return what to ask for the vendor's own figures of a whole month; their records carry its first day."""
        return ()

    def read(self, query: UsageQuery) -> Iterator[UsageChunk]:
        """
        Yield the usage of ``query`` in chunks, oldest first; the next is asked for when the last has been taken.

        Raises a ``UsageError``; ``UsageApiUnavailableError`` is the one that a later try may not meet.
        """
        check_filters(self, query.filters)
        with closing(self._open_session(self.settings)) as session:
            for window in query.window.chunks(self.max_days):
                yield read_chunk(self, session, replace(query, window=window))

    def read_month(self, query: UsageQuery) -> VendorMonth | None:
        """Return the vendor's own figures of the whole UTC month that is ``query``'s window; None: it has none."""
        check_filters(self, query.filters)
        with closing(self._open_session(self.settings)) as session:
            return read_month(self, session, query)

    def get_usage(self, query: UsageQuery) -> Iterator[UsageRecord]:
        """Yield the records of ``query``, one for each key, as ``read`` gives them."""
        for chunk in self.read(query):
            yield from chunk.records

    @cached_property
    def settings(self) -> ClientSettings:
        """What the connection says, read once; a ``UsageConfigError`` lists what is wrong with it."""
        settings = read_settings(
            self.get_connection(self.usage_conn_id),
            get_label(self.conn_type, "host"),
            self.default_host,
            self.auth_schemes,
            self.identifiers,
        )
        mask_secret(settings.key)
        return settings

    def test_connection(self) -> tuple[bool, str]:
        """Send one request, once; return whether it was answered within 10 seconds, and what it found or what to do."""
        today = datetime.now(timezone.utc).date()
        query = UsageQuery(UsageWindow(today - ONE_DAY * _TEST_DAYS, today))
        try:
            settings = replace(self.settings, timeout=min(self.settings.timeout, _TEST_TIMEOUT))
            with closing(self._open_session(settings, max_tries=1, longest=settings.timeout)) as session:
                request = next(iter(self.get_requests(settings, query)))
                page = ask(self, session, request)
        except UsageError as error:
            # Airflow tests under an id that it makes up.
            return False, str(error).removeprefix(f"Connection {self.usage_conn_id!r}: ")
        found = f"{self.service_provider_name} accepts the key: {self._summarise(page, query.window)}."
        return True, " ".join([found, *self.find_doubts()])

    def find_doubts(self) -> list[str]:
        """Return warnings of settings that work, but may not be meant; a ``UsageConfigError`` if some do not."""
        return list(filter(None, (find_plain_http(self.settings), find_unknown_extras(self.settings))))

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        return make_widgets(cls.conn_type)

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        return make_behaviour(cls.conn_type)

    def _open_session(self, settings: ClientSettings, **limits: Any) -> UsageSession:
        return UsageSession(settings, self.log, self.reach_hint, most_at_once=self.requests_at_once, **limits)

    def _summarise(self, page: UsagePage, window: UsageWindow) -> str:
        records = [record for record in page.records if record.charge_period_start in window]
        if not records:
            return "no usage found"
        count = len({record.sub_account_id for record in records})
        found = f"{count} {self.sub_account_noun}{'s' * (count != 1)}"
        if page.next_request is not None:
            return f"{found} or more"
        return f"{found}, usage up to {max(record.charge_period_start for record in records)}"
