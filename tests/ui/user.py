"""What takes a user several steps."""

from __future__ import annotations

from tests.real_runs.airflow_server import AirflowServer
from tests.real_runs.waiting import wait
from tests.ui.connection_types import ConnectionType
from tests.ui.interface import Interface
from tests.ui.simulated import SimulatedApis

RUN_SECONDS = 300


class User:
    """A user who is logged in, and who knows URL and key of each API."""

    def __init__(self, ui: Interface, simulated: SimulatedApis, server: AirflowServer) -> None:
        self._ui = ui
        self._simulated = simulated
        self._server = server
        self._added: set[str] = set()

    def add_connection(self, row: ConnectionType, conn_id: str, **changes: str) -> str:
        """Type and save a connection, the first time that it is asked for; ``changes`` are to its host and password."""
        if conn_id not in self._added:
            fields = {"host": row.get_host(self._simulated.simulator), "password": self._simulated.get_key(row)}
            self._ui.open_new_connection(conn_id, row.name)
            self._ui.type_standard_fields(fields | changes)
            if not changes:
                self._ui.take_picture(f"{row.conn_type}-form")
            self._ui.type_own_fields(row.typed)
            if not changes:
                self._ui.take_picture(f"{row.conn_type}-own-fields")
            self._ui.save_connection()
            self._added.add(conn_id)
        return conn_id

    def run(self, dag_id: str, picture: str, **typed: str) -> tuple[str, str]:
        """Trigger a DAG with what is typed into its form, wait, and return the id and the state of its run."""
        self._ui.open_trigger(dag_id)
        self._ui.type_params(typed)
        return self.trigger(dag_id, picture)

    def trigger(self, dag_id: str, picture: str) -> tuple[str, str]:
        """Trigger the DAG whose form is open, wait, and return the id and the state of its run."""
        self._ui.take_picture(picture)
        triggered = self._ui.press_trigger()
        run_id = triggered.run_id
        assert run_id, triggered.complaint
        wait(lambda: {self._ui.read_state(dag_id, run_id)} - {"success", "failed"}, RUN_SECONDS, self._server.processes)
        return run_id, self._ui.read_state(dag_id, run_id)
