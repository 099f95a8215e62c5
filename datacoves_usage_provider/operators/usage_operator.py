"""What this provider's operators have in common: how a task ends."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from datacoves_usage_provider.compat import (
    AirflowFailException,
    AirflowTaskTimeout,
    BaseOperator,
    has_usage_page,
    is_airflow_3,
)
from datacoves_usage_provider.exceptions import FinalUsageError, UsageError

if TYPE_CHECKING:
    from datacoves_usage_provider.compat import Context
    from datacoves_usage_provider.operators.lineage import Lineage


class _Buttons:
    """The buttons on a task's page, made when Airflow asks for them: to parse a DAG file must not load their base."""

    def __get__(self, instance: object, owner: type) -> tuple[Any, ...]:
        if not has_usage_page():
            return ()
        from datacoves_usage_provider.operators.links import UsagePageLink

        return (UsagePageLink(),)


class UsageOperator(BaseOperator):
    """A task on the usage tables. It fails at once if no retry can mend it, and its error is the log's last words."""

    operator_extra_links = _Buttons()
    lineage: Lineage | None = None

    @abstractmethod
    def run_task(self, context: Context) -> dict[str, Any]:
        """
        Do the work and return the task's XCom value, plain JSON. Raises ``UsageError``.

        Sets ``lineage`` when all is done.
        """

    def execute(self, context: Context) -> dict[str, Any]:
        try:
            return self.run_task(context)
        except UsageError as error:
            self.log.debug("Where the error comes from:", exc_info=True)
            if isinstance(error, FinalUsageError):
                raise AirflowFailException(str(error)) from _cut(error)
            raise _cut(error) from None

    def get_openlineage_facets_on_complete(self, _: Any) -> Any:
        """Say what the task has read and written. Only Airflow's OpenLineage provider calls this, where it is used."""
        from datacoves_usage_provider.operators.lineage import make_operator_lineage

        return make_operator_lineage(self.lineage)

    def on_kill(self) -> None:
        """End the task: after SIGTERM, Airflow 3 only calls this and goes on, while Airflow 2 then ends it itself."""
        if is_airflow_3() and not isinstance(sys.exc_info()[1], AirflowTaskTimeout):
            raise SystemExit("Airflow stopped the task.")


def _cut(error: UsageError) -> UsageError:
    """
    Return ``error`` without its causes and with only this frame: its text is complete.

    Airflow 3 writes causes and frames below the text, and opens the log at its end.
    """
    error.__cause__ = error.__context__ = None
    if error.__traceback__ is not None:
        error.__traceback__.tb_next = None
    return error
