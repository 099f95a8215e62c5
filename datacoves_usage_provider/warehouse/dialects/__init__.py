"""A file or folder for each database, with all that is special to it; ``find_database`` is the way in."""

from __future__ import annotations

from sqlalchemy.engine import Dialect

from datacoves_usage_provider.warehouse.dialects.database import Database
from datacoves_usage_provider.warehouse.dialects.databricks import Databricks
from datacoves_usage_provider.warehouse.dialects.postgresql import PostgreSQL
from datacoves_usage_provider.warehouse.dialects.redshift import Redshift
from datacoves_usage_provider.warehouse.dialects.snowflake import Snowflake
from datacoves_usage_provider.warehouse.dialects.sqlite import SQLite

DATABASES: dict[str, Database] = {
    "databricks": Databricks(),
    "postgresql": PostgreSQL(),
    "redshift": Redshift(),
    "snowflake": Snowflake(),
    "sqlite": SQLite(),
}
"""By the name of SQLAlchemy's dialect."""
_UNKNOWN = Database()


def find_database(dialect: Dialect) -> Database:
    """Return what is special to the database of ``dialect``; for one that is not known here, the defaults."""
    return DATABASES.get(dialect.name, _UNKNOWN)
