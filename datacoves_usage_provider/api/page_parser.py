"""From one response to the ``UsagePage`` that it contains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain

from datacoves_usage_provider.api.checks import check_days, check_meters, check_money, check_numbers, check_scope
from datacoves_usage_provider.api.usage_api import UsageApi, UsagePage
from datacoves_usage_provider.client.error_responses import check_response
from datacoves_usage_provider.client.redaction import MASK
from datacoves_usage_provider.client.request import Response, UsageRequest
from datacoves_usage_provider.client.session import UsageSession
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.records import Texts, UsageRecord, check_texts_fit, find_texts
from datacoves_usage_provider.text import shorten

_LONGEST_WARNING = 500


@dataclass(frozen=True)
class PageParser:
    """Reads responses of ``api`` that came through ``session``."""

    api: UsageApi
    session: UsageSession

    def parse(self, request: UsageRequest, response: Response) -> UsagePage:
        """
        Return what ``response`` says, or raise the error for its status or its shape.

        ``RetriableError`` if another try may succeed, otherwise a ``UsageError``.
        """
        self._check_status(request, response)
        if (status := self.api.get_error_status(response.body)) is not None:
            self._check_status(
                request, replace(response, status=status, reason="(an error in a response with status 200)")
            )
        page = self.api.parse_response(request, response.body)
        records = tuple(page.records)
        texts = find_texts(records)
        self._check_key_is_no_name(texts, response.leaked_key)
        check_texts_fit(records, texts)
        self._check_records(request, records)
        return replace(page, records=records, warnings=tuple(map(self._clean, page.warnings)))

    def _clean(self, warning: str) -> str:
        return shorten(self.session.redact(warning), _LONGEST_WARNING)

    def _check_key_is_no_name(self, texts: Texts, is_masked: bool) -> None:
        """Look for the key, and for its mask if the response was masked."""
        all_texts = "\n".join(text for text in chain.from_iterable(texts.values()) if isinstance(text, str))
        if self.session.redact(all_texts) != all_texts or (is_masked and MASK in all_texts):
            raise UsageDataError(
                "The response repeats the API key as a name or an id. None of it was loaded. Ask the vendor why."
            )

    def _check_records(self, request: UsageRequest, records: Collection[UsageRecord]) -> None:
        check_meters(records, self.api.meters)
        check_days(records, request.window)
        check_numbers(records)
        check_money(records)
        if not self.api.ignores_unknown_values:  # if it knows none of them, it may respond as if there were no filter
            check_scope(records, request.scope)

    def _check_status(self, request: UsageRequest, response: Response) -> None:
        check_response(response, request, self.api.parse_error, self.api.remedies)
