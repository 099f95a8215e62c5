"""A usage API behind an Airflow connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any, ClassVar

from datacoves_usage_provider.api.reader import UsageReader
from datacoves_usage_provider.api.usage_api import UsageApi
from datacoves_usage_provider.chunk import UsageChunk
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.client.setting_warnings import find_warnings
from datacoves_usage_provider.client.settings import ClientSettings, read_settings
from datacoves_usage_provider.compat import BaseHook, mask_secret
from datacoves_usage_provider.connections import read_connection
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError
from datacoves_usage_provider.hooks.form import drop_twins, get_label, make_behaviour, make_widgets
from datacoves_usage_provider.hooks.trial import try_request
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord


class UsageHook(BaseHook):
    """
    A usage API behind an Airflow connection: the key is its password, the URL its host.

    A subclass names the connection type (``conn_type``, ``hook_name``, ``default_conn_name``) and the ``api``.
    """

    conn_name_attr = "usage_conn_id"
    api: ClassVar[UsageApi]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give each hook the form's methods as its own: Airflow 2 does not take them from a base class."""
        super().__init_subclass__(**kwargs)
        for name in ("get_connection_form_widgets", "get_ui_field_behaviour"):
            if name not in vars(cls):
                setattr(cls, name, classmethod(getattr(UsageHook, name).__func__))

    def __init__(self, usage_conn_id: str | None = "") -> None:
        super().__init__()
        if usage_conn_id is None:  # Airflow 2 replaces an id that its form would not accept with None
            raise UsageConfigError(
                f"{type(self).__name__} was created without a connection id. Airflow 2 drops an id that has other "
                "characters than letters, digits and _ - . : # ! ( ) / \\. Create the hook by its class and with the "
                "id, or rename the connection."
            )
        self.usage_conn_id = usage_conn_id or self.default_conn_name

    @classmethod
    def get_connection(cls, conn_id: str) -> Any:
        return read_connection(conn_id)

    @cached_property
    def settings(self) -> ClientSettings:
        """What the connection says, read once; a ``UsageConfigError`` lists what is wrong with it."""
        connection = self.get_connection(self.usage_conn_id)
        drop_twins(connection)
        settings = read_settings(
            connection,
            get_label(self.conn_type, "host"),
            self.api.default_host,
            self.api.auth_schemes,
            self.api.identifiers,
        )
        # Airflow masks the password itself, and its debug log shows whatever it is given to mask.
        if settings.key != connection.password:
            mask_secret(settings.key)
        return settings

    @contextmanager
    def open_reader(self) -> Iterator[UsageReader]:
        """Give what reads chunk by chunk, and a month, in one session, which ends with the block."""
        session = UsageSession(self.settings, self.log, self.api.reach_hint, concurrency=self.api.concurrency)
        with closing(session):
            yield UsageReader(self.api, session)

    def read(self, query: UsageQuery) -> Iterator[UsageChunk]:
        """
        Yield the usage of ``query`` in chunks, oldest first; the next is requested when the last has been taken.

        Raises a ``UsageError``; a later try may help only with ``UsageApiUnavailableError``.
        """
        with self.open_reader() as reader:
            yield from reader.read(query)

    def get_usage(self, query: UsageQuery) -> Iterator[UsageRecord]:
        """Yield the records of ``query``, one for each key, as ``read`` gives them."""
        for chunk in self.read(query):
            yield from chunk.records

    def find_warnings(self) -> list[str]:
        """Return a warning for each setting that works, but may be a mistake; ``UsageConfigError`` if one is wrong."""
        return find_warnings(self.settings)

    def test_connection(self) -> tuple[bool, str]:
        """Send one request, once; return whether it succeeded within 10 seconds, and what it found or what to do."""
        try:
            found = try_request(self.api, self.settings, self.log)
            return True, " ".join([found, *map(self._drop_id, self.find_warnings())])
        except UsageError as error:
            return False, self._drop_id(str(error))

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        return make_widgets(cls.conn_type)

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        return make_behaviour(cls.conn_type)

    def _drop_id(self, sentence: str) -> str:
        """Return ``sentence`` for the Test button: Airflow tests the connection under an id that it invents."""
        subject = f"Connection {self.usage_conn_id!r}"
        return sentence.removeprefix(f"{subject}: ").replace(subject, "The connection")
