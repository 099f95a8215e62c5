"""P6: a worker that is killed leaves the tables as before its load or as after it, and nothing locked."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from datacoves_usage_provider.query import Scope
from tests.warehouse_proofs.loading import (
    METERS,
    find_keys,
    load,
    make_chunk,
    make_days,
    make_dice,
    make_large_chunk,
    make_record,
    open_warehouse,
)
from tests.warehouse_proofs.model import Model, read_tables
from tests.warehouse_proofs.processes import CONTEXT, PHASES, ShowPhase, Worker, find_phase

AIMS = range(PHASES.index("fetch"), PHASES.index("done"))
LONGEST_WAIT_SECONDS = 20  # a third of what P6 allows
LONGER, SHORTER = 1.2, 0.5


def fetch_and_load(uri: str, number: int, phase: Any) -> None:
    warehouse = open_warehouse(uri, ShowPhase(phase))
    phase.value = PHASES.index("fetch")
    load(warehouse, str(number), make_large_chunk(number))
    phase.value = PHASES.index("done")


def measure_phases(uri: str, model: Model) -> list[float]:
    """Load without a kill; return the seconds that each of ``PHASES`` took."""
    begins = {PHASES.index("fetch"): time.perf_counter()}
    chunk = make_large_chunk(1)

    def note(statement: str) -> None:
        phase = find_phase(statement)
        # Of commits the last one counts: the first ends the look whether the account is there.
        if phase is not None and (phase not in begins or PHASES[phase] == "commit"):
            begins[phase] = time.perf_counter()

    load(open_warehouse(uri, note), "1", chunk)
    model.load("1", chunk)
    begins[PHASES.index("done")] = time.perf_counter()
    return [begins.get(n + 1, 0) - begins.get(n, 0) for n in range(len(PHASES) - 1)]


def kill_in(aim: int, delay: float, uri: str, number: int) -> str:
    """Return the name of the phase in which the kill met the load."""
    phase = CONTEXT.RawValue("i", 0)
    with Worker(fetch_and_load, uri, number, phase) as worker:
        while phase.value < aim and worker.process.is_alive():
            time.sleep(0.0002)
        time.sleep(delay)
        worker.process.kill()
        assert worker.wait() == ()
    return PHASES[phase.value]


def load_next(warehouse: Any, run: str, number: int) -> Any:
    """Load a small chunk that overlaps the killed one, at once; return it, and the seconds that it took."""
    days, scope = make_days(number % 31, 1), Scope(sub_account_id=("dev",))
    chunk = make_chunk("an account", days, scope, [make_record(find_keys(days, scope, METERS)[0], 10_000 + number)])
    begin = time.perf_counter()
    load(open_warehouse(warehouse.uri), run, chunk)
    return chunk, time.perf_counter() - begin


def copy(model: Model) -> Model:
    other = Model()
    other.daily, other.cells, other.log = dict(model.daily), set(model.cells), Counter(model.log)
    return other


def test_p6_a_killed_load_is_as_before_or_as_after_and_the_next_one_goes_on(warehouse, sizes, seed):
    dice = make_dice(seed)
    opened, model = open_warehouse(warehouse.uri), Model()
    opened.prepare()
    load(opened, "0", make_large_chunk(0))
    model.load("0", make_large_chunk(0))
    seconds = measure_phases(warehouse.uri, model)
    met: Counter[tuple[str, str]] = Counter()
    waited = []
    for number in range(2, 2 + sizes.kills):
        # Only so that there is less to compare: what the killed load and the next one keep is looked at each time.
        warehouse.query("DELETE FROM usage_revision")
        aim = AIMS[number % len(AIMS)]
        phase = kill_in(aim, dice.random() * seconds[aim], warehouse.uri, number)
        # The machine may have been slower, or faster, when the phase was measured.
        seconds[aim] *= LONGER if phase == PHASES[aim] else SHORTER
        chunk, wait = load_next(warehouse, f"after {number}", number)
        waited.append(wait)
        without, model = copy(model), copy(model)
        model.load(str(number), make_large_chunk(number))
        for possible in (without, model):
            possible.load(f"after {number}", chunk)
        found = read_tables(warehouse)
        assert found in (without.tables, model.tables), f"killed in {phase}"
        is_before = found == without.tables
        met[phase, "before" if is_before else "after"] += 1
        model = without if is_before else model
    print(f"kills: {dict(met)}; the next load took at most {max(waited):.1f} s")  # noqa: T201
    assert max(waited) < LONGEST_WAIT_SECONDS
    assert {phase for phase, _ in met} >= {"fetch", "delete", "update", "insert", "log"}
    assert not met["fetch", "after"]
