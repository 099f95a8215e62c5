"""No command of a page escapes: someone types it, or the page and section stand in a list with the reason."""

from __future__ import annotations

from tests.docs.markdown import ROOT, find_blocks, find_sections
from tests.packaging.typed import OWN_API, SERVICES, START, START_SECTIONS, find_airflow, find_section

TYPED_SECTIONS = {
    *((START, section) for section in START_SECTIONS),
    ("README.md", "Install"),
    ("README.md", "Connect"),
    ("README.md", "Run"),
    (OWN_API, "The connection type"),
}
TYPED_PAGES = {*SERVICES}

NOT_TYPED = {
    (START, "Everything at once"): "It is what .ci/run itself runs.",
    (START, "Look at the page"): "It serves until Ctrl-C; tests/ui looks at the page in a browser.",
    ("CONTRIBUTING.md", "Running parts of the tests"): "It runs the tests, these among them.",
    ("docs/benchmarks.md", ""): "It takes ten minutes of the whole machine.",
    ("docs/collect.md", "Without the form"): "tests/docs/test_connections.py reads from that backend.",
    ("docs/cost.md", "An alert in your mailbox"): "tests/dags/test_budgets.py sends to a mail server of its own.",
    ("docs/collect.md", "By hand"): "tests/docs/test_dags_page.py gives it to the form of the DAG.",
    ("docs/which-dag.md", "Set it up"): "tests/docs/test_which_dag.py allocates from the file of the script above it.",
}
"""By page and section, why no test types the blocks there."""


def test_every_block_is_typed_or_has_a_reason_why_not() -> None:
    places = {(block.page, find_section(block)) for block in find_blocks("bash") if block.page not in TYPED_PAGES}
    assert places == TYPED_SECTIONS | NOT_TYPED.keys()
    assert [block for language in ("sh", "shell", "console") for block in find_blocks(language)] == []


def test_only_the_start_depends_on_the_airflow() -> None:
    assert {block.page for block in find_blocks("bash") if find_airflow(block)} == {START}


def test_services_have_no_other_blocks_than_the_two_that_are_typed() -> None:
    beginnings = [block.text.split()[0] for block in find_blocks("bash") if block.page in SERVICES]
    assert sorted(beginnings) == ["airflow"] * len(SERVICES) + ["export"] * len(SERVICES)


def test_ci_runs_the_demo_that_the_start_gives() -> None:
    (block,) = find_sections("## ", START)["Everything at once"][:1]
    commands = [line.partition("#")[0].strip() for line in block.text.splitlines()]
    ci = (ROOT / ".ci" / "run").read_text().replace(" AIRFLOW=3.3", "")
    assert [command for command in commands if f"run {command}\n" not in ci] == []
