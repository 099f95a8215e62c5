"""
Every error of this package, sorted by what the reader should do about it.

    UsageError                        itself: a report could not be written; Airflow's retries try again later
    ├── FinalUsageError               no retry can fix it; the operators fail their task at once
    │   ├── UsageConfigError          fix a setting: the connection, an argument, the warehouse
    │   │   └── BudgetGoneError       internal: a budget vanished while it was checked
    │   ├── UsageApiError             fix the request: the API understood it and rejected it
    │   │   └── PageGoneError         internal: a result page that should exist returned 404
    │   └── UsageDataError            ask the vendor, or update this package: the response is not what the docs say
    ├── UsageApiUnavailableError      wait: Airflow's retries try again later
    └── WarehouseUnavailableError     the same, of the warehouse, or of an Airflow's metadata database

    RetriableError                    this try failed, the next one may not: the client tries again
    TooSlowError, TooLargeError       internal: the response exceeds a limit of the connection
"""

from __future__ import annotations

DOCS = "https://github.com/datacoves/airflow-provider-datacoves-usage/blob/main/docs"
"""Where the pages are that errors name."""


class UsageError(Exception):
    """Base of the errors that a user can meet. The text is complete: what happened, where, and what to do."""


class FinalUsageError(UsageError):
    """A retry would cost a worker and end the same way."""


class UsageConfigError(FinalUsageError):
    """A connection, an argument or the warehouse is set up in a way that cannot work."""


class UsageApiError(FinalUsageError):
    """The API rejected the request; the text quotes the vendor's message."""


class UsageDataError(FinalUsageError):
    """A response is not what the API documents, or does not fit the table. None of it was loaded."""


class UsageApiUnavailableError(UsageError):
    """No complete response came within the tries and the waiting time that a request has."""


class WarehouseUnavailableError(UsageError):
    """
    A database rejected or lost a try in a way that may pass, or was silent.

    It is the warehouse's, or that of the Airflow whose task instances are read; the text names its connection.
    """


class PageGoneError(UsageApiError):
    """The page before it said that there is another result page, but that one returned 404."""


class BudgetGoneError(UsageConfigError):
    """Another program took the budget out of its table while it was checked."""


class RetriableError(Exception):
    """One try failed in a way that may pass. ``retry_after``: seconds that the server wants it to wait, or None."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TooSlowError(Exception):
    """The time was over before the response was whole; ``received`` bytes had come."""

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes")
        self.received = received


class TooLargeError(Exception):
    """The server sent more than the connection allows."""
