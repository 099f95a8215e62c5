"""What is shipped, built once; and an Airflow into which it was installed as the README says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT
from tests.packaging.bare_airflow import BareAirflow, install_bare_airflow
from tests.packaging.shell import Shell, copy_repository, open_shell
from tests.packaging.typed import AIRFLOW, CONSTRAINTS, find_typed


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def sdist(dist: Path) -> Path:
    (path,) = dist.glob("*.tar.gz")
    return path


@pytest.fixture(scope="session")
def airflow_of_before(tmp_path_factory: pytest.TempPathFactory) -> tuple[BareAirflow, set[str]]:
    """An Airflow without this package, and what is installed there."""
    airflow = install_bare_airflow(tmp_path_factory.mktemp("bare"))
    return airflow, airflow.list_packages()


@pytest.fixture(scope="session")
def bare_airflow(
    airflow_of_before: tuple[BareAirflow, set[str]], tmp_path_factory: pytest.TempPathFactory
) -> BareAirflow:
    """The same, after someone typed the README's section *Install*."""
    airflow, _ = airflow_of_before
    folder = tmp_path_factory.mktemp("someone")
    shell = open_shell(folder / "home", copy_repository(folder / "clone"), airflow.bin)
    examples = {"AIRFLOW=3.3.2": f"AIRFLOW={AIRFLOW}", CONSTRAINTS: airflow.constraints.as_uri()}
    shell.type(find_typed("README.md", "Install"), examples)
    return airflow


@pytest.fixture
def shell(bare_airflow: BareAirflow, tmp_path: Path) -> Shell:
    """In a clone, with Airflow's home at its usual place, where there is its database."""
    shell = open_shell(tmp_path / "home", programs=bare_airflow.bin)
    home = tmp_path / "home" / "airflow"
    home.mkdir()
    home.joinpath("airflow.db").write_bytes(bare_airflow.home.joinpath("airflow.db").read_bytes())
    return shell.knowing(AIRFLOW__CORE__LOAD_EXAMPLES="False")
