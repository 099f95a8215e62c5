"""``python -m datacoves_usage_provider.example_dags`` copies what the folder dags has, and overwrites nothing."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

FILES = [*ROOT.glob("dags/*.py"), *ROOT.glob("dags/reference/*.csv")]
EXAMPLES = {str(path.relative_to(ROOT / "dags")): path.read_bytes() for path in FILES}


def copy(to: Path, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datacoves_usage_provider.example_dags", to]
    return subprocess.run(command, cwd=package, env={}, capture_output=True, text=True, check=False)


def read(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The wheel, unpacked."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    return tmp_path / "installed"


def test_a_clone_copies_every_dag_and_what_it_reads(tmp_path):
    result = copy(tmp_path / "new" / "dags")
    assert result.stdout.endswith(f"Files copied to {tmp_path}/new/dags: {len(EXAMPLES)}; already there: 0.\n")
    assert read(tmp_path / "new" / "dags") == EXAMPLES


def test_the_wheel_copies_the_same(installed, tmp_path):
    result = copy(tmp_path / "dags", package=installed)
    assert result.returncode == 0
    assert read(tmp_path / "dags") == EXAMPLES


def test_a_file_that_differs_is_named_and_nothing_is_copied(tmp_path):
    tmp_path.joinpath("usage_backfill.py").write_text("# my own\n")
    result = copy(tmp_path)
    assert result.returncode == 1
    assert result.stderr == (
        f"Nothing was copied, because these files differ: {tmp_path}/usage_backfill.py. Move them, or name another "
        "folder.\n"
    )
    assert read(tmp_path) == {"usage_backfill.py": b"# my own\n"}


def test_files_that_are_there_already_are_left_alone(tmp_path):
    copy(tmp_path)
    (tmp_path / "usage_backfill.py").unlink()
    result = copy(tmp_path)
    assert result.stdout.splitlines() == [
        f"{tmp_path}/usage_backfill.py",
        f"Files copied to {tmp_path}: 1; already there: {len(EXAMPLES) - 1}.",
    ]


def test_a_folder_that_cannot_be_is_an_error_of_one_line(tmp_path):
    tmp_path.joinpath("dags").touch()
    result = copy(tmp_path / "dags")
    assert (result.returncode, result.stderr) == (1, f"Cannot copy to {tmp_path}/dags: File exists.\n")
