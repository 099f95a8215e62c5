"""docs/start.md, typed block by block into a shell, brings rows into a warehouse."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from datacoves_usage_provider.simulator import DatacovesBilling
from tests.docs.markdown import ROOT, find_blocks, read
from tests.packaging.bare_airflow import BareAirflow

PAGE = "docs/start.md"
ROW = re.compile(r"^(\d{4}-\d\d-\d\d) ([\w-]+) (\w+) (\d+)$", re.MULTILINE)


def test_what_the_page_says_brings_a_month_into_the_warehouse(bare_airflow: BareAirflow, tmp_path: Path) -> None:
    begin = read(PAGE)[: read(PAGE).index("<!-- start -->")].count("\n")
    blocks = [block.text for block in find_blocks("bash") if block.page == PAGE and block.line > begin]
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW") and name != "PYTHONPATH"
    }
    result = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=ROOT,
        env=clean | {"HOME": str(tmp_path), "PATH": f"{bare_airflow.bin}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    rows = ROW.findall(result.stdout)
    assert len({day for day, *_ in rows}) == 32
    assert {environment for _, environment, *_ in rows} == set(DatacovesBilling.environments)
