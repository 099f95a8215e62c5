"""
What can go wrong, sorted by what the reader should do about it.

    UsageError
    ├── UsageConfigError          fix a setting: the connection, an argument, the warehouse
    ├── UsageApiError             fix the request: the API understood it and refused it
    ├── UsageDataError            ask the vendor, or update this package: the answer is not what the docs say
    └── UsageApiUnavailableError  try again later: Airflow's retries do

The operator fails its task at once on the first three; a retry would cost a worker and end the same way.
"""

from __future__ import annotations


class UsageError(Exception):
    """Base of all errors that this package raises on purpose. The text is complete: what, where, and what to do."""


class UsageConfigError(UsageError):
    """A connection, an argument or the warehouse is set up in a way that cannot work."""


class UsageApiError(UsageError):
    """The API refused the request; the text quotes the vendor's message."""


class UsageDataError(UsageError):
    """An answer is not what the API documents, or does not fit the table. Nothing was loaded of it."""


class UsageApiUnavailableError(UsageError):
    """The API did not give a whole answer within the tries and the time that a task may wait."""
