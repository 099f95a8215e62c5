"""What may differ between databases, with the defaults for one that is not known here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Numeric, Table, event, inspect, select, update
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.sql import ColumnElement
from sqlalchemy.types import TypeEngine

from datacoves_usage_provider.columns import FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.warehouse.dialects.errors import KnowsErrors
from datacoves_usage_provider.warehouse.dialects.rows import Row, WritesRows


class Relation(NamedTuple):
    """
    What has a name: ``kind`` is ``"table"``, ``"view"`` or something else, in a user's words.

    ``types`` are those of its columns, ``NullType`` for one that is not known; ``key`` has the columns of its primary
    key. ``sources`` are the tables and views that a view selects from, as far as a statement finds them under the same
    name in the same schema; None: that is not known.
    """

    schema: str | None
    kind: str
    types: Mapping[str, TypeEngine[Any]]
    key: Collection[str] = ()
    sources: Collection[str] | None = None


class Database(WritesRows, KnowsErrors):
    """One kind of database; it has no state, so one object serves all connections."""

    is_tested: ClassVar[bool] = False
    unfit: ClassVar[str | None] = None
    """Why no database of this kind can keep P5 or P6: what follows "Warehouse connection 'x' is"; None: it can."""
    max_wait_seconds: ClassVar[int] = 60
    """How long a load waits for another one, and how long a worker that died may keep others waiting."""
    max_silent_seconds: ClassVar[int] = 300
    """How long a load waits for the reply to a statement, a login apart: that may take ``max_wait_seconds``."""
    max_read_seconds: ClassVar[int] = 60
    """How long a statement may take on a database that is only read, where the database can be told so."""
    max_read_wait_seconds: ClassVar[int] = 10
    """How long such a statement may wait for a lock."""
    has_indexes: ClassVar[bool] = True
    pads_char: ClassVar[bool] = True
    """Whether ``CHAR(n)`` gives back another text than it was given."""
    exact_number: ClassVar[TypeEngine[Any]] = Numeric(WHOLE_DIGITS + FRACTION_DIGITS, FRACTION_DIGITS)
    gives_decimals: ClassVar[bool] = False
    """Whether each of the drivers gives a number as a ``Decimal``, so that none of many must be looked at."""

    def find_obstacle(self, _: URL) -> str | None:
        """Return why the database at this URL cannot hold the tables; None: nothing is known against it."""
        return self.unfit

    def find_missing_file(self, _: URL) -> str | None:
        """Return which file at this URL is missing, if connecting to read would create it; None: none."""
        return None

    def make_plain(self, connection: Any, driver: str, subject: str) -> None:
        """
        Let a new connection of the driver give rows as tuples and text as Unicode, and prepare no statement.

        Raises ``UsageConfigError`` if the connection, which ``subject`` names, is not one of ``driver``, which
        SQLAlchemy expects.
        """

    def prepare_for_loads(self, engine: Engine) -> None:
        """
        Let ``engine`` load: limit how long its transactions wait, choose their isolation and how rows are inserted.

        Each limit holds for the session or the transaction alone, so others who use the database do not notice. Where
        nobody can tell whether a connection is still open, ``engine`` must not keep it for the next load.
        """
        event.listen(engine, "checkin", lambda _, record: record.invalidate())

    def prepare_for_reads(self, engine: Engine, seconds: int, wait_seconds: int) -> None:
        """
        Let ``engine`` only read, one state in a transaction and moments in UTC, if the database can see to that.

        A statement may take ``seconds``, and wait ``wait_seconds`` for a lock; each limit holds for the session or the
        transaction alone.
        """

    def find_relations(self, connection: Connection, names: Collection[str], schema: str | None) -> dict[str, Relation]:
        """Return what statements on ``connection`` find under each name in ``schema`` (None: unqualified)."""
        inspector = inspect(connection)
        found = [name for name in names if inspector.has_table(name, schema=schema)]
        views = set(inspector.get_view_names(schema=schema))  # after that: another worker may be creating them
        return {name: _inspect(inspector, name, schema, name in views) for name in found}

    def find_home(self, connection: Connection, schema: str | None) -> str | None:
        """Return the schema in which statements on ``connection`` would create a name in ``schema``."""
        return schema

    def find_triggers(self, connection: Connection, table: Table) -> list[str]:
        """Return the names of triggers and rules that may change what is written to ``table``, if that is known."""
        return []

    def update_and_read(
        self,
        connection: Connection,
        table: Table,
        where: ColumnElement[bool],
        values: Mapping[str, Any],
        columns: Sequence[ColumnElement[Any]],
    ) -> list[Row]:
        """Set ``values`` in the rows of ``table`` that ``where`` holds for, and return their ``columns``."""
        if not connection.execute(update(table).where(where).values(values)).rowcount:
            return []  # reading could now find a row that another transaction has just made
        return [tuple(row) for row in connection.execute(select(*columns).where(where))]

    def lock_table(self, connection: Connection, table: Table) -> None:
        """Keep others from writing to ``table`` until the transaction ends, if there is a way to; readers go on."""

    def write_price(self, quantity: str, price: str, pricing_quantity: str) -> str:
        """
        Return ``quantity * price / pricing_quantity`` in SQL, which are columns of ``exact_number``.

        The last is a power of ten from 1 to 1,000,000. PostgreSQL divides to as many places as the dividend has, so six
        more make the quotient exact. SQLite takes a number with a point for a double, and does not divide integers.
        """
        return f"{quantity} * {price} * 1.000000 / {pricing_quantity}"

    def round_number(self, number: Decimal) -> Decimal:
        """Return the number that a column of ``exact_number`` keeps of a computed one, which has its decimals."""
        return number

    def interrupt(self, connection: Any) -> None:
        """Let a call of the driver that waits in another thread fail soon, if there is a way to."""


def _inspect(inspector: Inspector, name: str, schema: str | None, is_view: bool) -> Relation:
    types = {column["name"]: column["type"] for column in inspector.get_columns(name, schema=schema)}
    if is_view:
        return Relation(schema, "view", types)
    return Relation(schema, "table", types, inspector.get_pk_constraint(name, schema=schema)["constrained_columns"])
