"""PostgreSQL's SQLSTATEs: which are of a setting that no retry mends, which may pass, and what to tell a user."""

from __future__ import annotations

from datacoves_usage_provider.warehouse.dialects.errors import WRONG_COLUMN, KnowsErrors

NOT_OURS = "a {} of your own, which this package did not make, rejects what a load writes"
FINAL_STATES = {
    **KnowsErrors.final_states,
    "22P05": "the encoding of the database lacks a character, which UTF8 would have",
    "42809": "one of the usage tables is not a table, but a view",
    "42P01": "a table is missing",
    "42P07": "something else has the name of one of the usage tables or views",
    "42703": "a column is missing",
    "23502": WRONG_COLUMN,
    "23505": (
        "a key of your own rejects a row, or a trigger, a rule or another program kept or wrote one under the same key"
    ),
    "23514": NOT_OURS.format("constraint, or a partition that is missing,"),
}
FINAL_CLASSES = {
    "23": NOT_OURS.format("constraint"),
    **dict.fromkeys(("09", "27", "2F", "38", "39", "44", "P0"), NOT_OURS.format("trigger, rule or view")),
}
PASSING_CLASSES = ("08", "25", "40", "53", "55", "57", "58")
"""A lost connection, read-only after a failover, a deadlock, too little memory, a lock, a shutdown, a broken disk."""
PASSING_STATES = {
    "25006": (
        "the database is read-only, as it is for a while after a failover; if it stays so, the connection names a "
        "replica, or default_transaction_read_only is on"
    ),
    "53300": "the server has no connection left",
    "55P03": "another session kept a lock for longer than this package waits",
}
