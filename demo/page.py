"""An Airflow with the usage page on the demo's warehouse, until Ctrl-C: ``make demo UI=1``."""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

USER = "admin"


def serve(airflow: Path, home: Path, environment: Mapping[str, str]) -> None:
    """Run the web server of Airflow 3 alone: it shows the page, and no scheduler is needed for that."""
    password, port = secrets.token_urlsafe(9), find_port()
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({USER: password}))
    settings = {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    print(f"""The usage page: http://127.0.0.1:{port}/plugin/datacoves_usage
  user {USER}, password {password}. It takes half a minute to start; Ctrl-C ends it.
""")
    command = [airflow, "api-server", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "api-server.log").open("w") as log, suppress(KeyboardInterrupt):
        subprocess.run(command, env={**environment, **settings}, stdout=log, stderr=subprocess.STDOUT, check=True)


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
