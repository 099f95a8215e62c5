"""The Airflow connection to a simulated API, ready to paste into a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Connection:
    """Its id is the default id of the hook for ``conn_type``."""

    conn_type: str
    host: str
    key: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def conn_id(self) -> str:
        return f"{self.conn_type}_default"

    @property
    def variable(self) -> str:
        """The environment variable in which Airflow looks for it."""
        return f"AIRFLOW_CONN_{self.conn_id.upper()}"

    def to_json(self) -> str:
        """Return the value of that variable."""
        fields = {"conn_type": self.conn_type, "host": self.host, "password": self.key}
        return json.dumps(fields | ({"extra": self.extra} if self.extra else {}))

    def make_command(self) -> str:
        """Return the command that stores it in Airflow's database."""
        words = ["airflow", "connections", "add", self.conn_id, "--conn-type", self.conn_type]
        extra = ["--conn-extra", json.dumps(self.extra)] if self.extra else []
        # Airflow 3.3 tests no connection without a port.
        return shlex.join([*words, "--conn-host", self.host, "--conn-port", "0", "--conn-password", self.key, *extra])

    def make_export(self) -> str:
        """Return the line that sets the variable for everything started from the same shell."""
        return f"export {self.variable}={shlex.quote(self.to_json())}"
