"""A user looks for the DAGs, and reads what each of them does."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DAGS = sorted(Path(__file__).parents[2].glob("dags/*.py"))


def test_the_list_names_the_dags(ui):
    shown = ui.read_dag_list()
    ui.take_picture("dag-list", height=850)
    for path in DAGS:
        assert path.stem in shown


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_the_page_of_a_dag_says_what_it_does(ui, path):
    shown = ui.read_dag_page(path.stem)
    ui.take_picture(f"{path.stem}-page", height=720)
    heading = runpy.run_path(str(path))["__doc__"].splitlines()[1].removeprefix("### ")
    assert path.stem in shown
    assert heading in shown
