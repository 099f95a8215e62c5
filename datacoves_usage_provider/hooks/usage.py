"""What all usage APIs have in common: from a query to checked chunks of records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, ClassVar

from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.client.request import UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.compat import BaseHook, mask_secret
from datacoves_usage_provider.exceptions import UsageError
from datacoves_usage_provider.hooks.filters import check_filters
from datacoves_usage_provider.hooks.form import get_label, make_behaviour, make_widgets
from datacoves_usage_provider.hooks.reading import ask, read_chunk
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_TEST_TIMEOUT = 10.0
_TEST_DAYS = 7


class UsageHook(BaseHook, ABC):
    """
    A usage API behind an Airflow connection: the key is its password, the URL its host.

    A subclass says who it is (the class attributes) and answers: what do I ask (``get_requests``), what does the answer
    say (``parse_answer``), what does a refusal say (``parse_refusal``). Chunks, retries, limits, checks and redaction
    are here.
    """

    conn_name_attr = "usage_conn_id"
    service_provider_name: ClassVar[str]
    auth_scheme: ClassVar[str]
    reach_hint: ClassVar[str] = ""
    """What a user should think of when the host cannot be reached."""
    max_days: ClassVar[int] = 31
    """Days in one chunk: at most 31, and never more than one request of the API may cover."""
    filter_fields: ClassVar[Mapping[str, str]] = {}
    """The API's filters, and the field of ``UsageRecord`` that each of them narrows."""
    documented_values: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """The values that the API documents for a filter, where it lists them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give each hook the form's methods as its own: Airflow 2 does not take them from a base class."""
        super().__init_subclass__(**kwargs)
        for name in ("get_connection_form_widgets", "get_ui_field_behaviour"):
            if name not in vars(cls):
                setattr(cls, name, classmethod(getattr(UsageHook, name).__func__))

    def __init__(self, usage_conn_id: str | None = None) -> None:
        super().__init__()
        self.usage_conn_id = usage_conn_id or self.default_conn_name

    @abstractmethod
    def get_requests(self, base_url: str, query: UsageQuery) -> Iterator[UsageRequest]:
        """Yield what to ask so that the answers cover all of ``query``, each record once."""

    @abstractmethod
    def parse_answer(self, request: UsageRequest, body: bytes) -> Iterable[UsageRecord]:
        """Return the records in an answer; those of other days are dropped. Raises ``UsageDataError``."""

    @abstractmethod
    def parse_refusal(self, body: bytes) -> str:
        """Return the vendor's own words in a refusal, ``""`` if there are none. Never raises."""

    def read(self, query: UsageQuery) -> Iterator[UsageChunk]:
        """
        Yield the usage of ``query`` in chunks, oldest first; the next is asked for when the last has been taken.

        Raises a ``UsageError``; ``UsageApiUnavailableError`` is the one that a later try may not meet.
        """
        check_filters(self, query.filters)
        with closing(self._open_session(self.get_settings())) as session:
            for window in query.window.chunks(self.max_days):
                yield read_chunk(self, session, replace(query, window=window))

    def get_usage(self, query: UsageQuery) -> Iterator[UsageRecord]:
        """Yield the records of ``query``, one for each key, as ``read`` gives them."""
        for chunk in self.read(query):
            yield from chunk.records

    def get_settings(self) -> ClientSettings:
        """Return what the connection says, or raise a ``UsageConfigError`` that lists what is wrong with it."""
        settings = read_settings(self.get_connection(self.usage_conn_id), get_label(self.conn_type, "host"))
        mask_secret(settings.key)
        return settings

    def test_connection(self) -> tuple[bool, str]:
        """Send one request, once, for at most 10 seconds without data; return whether it worked and what it found."""
        today = datetime.now(timezone.utc).date()
        query = UsageQuery(UsageWindow(today - ONE_DAY * _TEST_DAYS, today))
        try:
            settings = self.get_settings()
            settings = replace(settings, timeout=min(settings.timeout, _TEST_TIMEOUT))
            with closing(self._open_session(settings, max_tries=1)) as session:
                request = next(iter(self.get_requests(settings.url, query)))
                records = ask(self, session, request, query)
        except UsageError as error:
            return False, str(error)
        return True, _summarise(self.service_provider_name, records)

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        return make_widgets(cls.conn_type)

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        return make_behaviour(cls.conn_type)

    def _open_session(self, settings: ClientSettings, **limits: int) -> UsageSession:
        return UsageSession(settings, self.auth_scheme, self.log, self.reach_hint, **limits)


def _summarise(provider: str, records: list[UsageRecord]) -> str:
    if not records:
        return f"{provider} accepts the key; it reports no usage for the last {_TEST_DAYS} days."
    accounts = len({record.sub_account_id for record in records})
    last = max(record.charge_period_start for record in records)
    return f"{provider} accepts the key: {accounts} sub account{'s' * (accounts > 1)}, usage up to {last}."
