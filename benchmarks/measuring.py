"""The same workload by several contestants in turn, a few times: medians, since a machine is never quiet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from benchmarks.databases import WITH_TABLES, Databases
from benchmarks.job import Job
from benchmarks.processes import Contestant, profile_contestant, run_contestant

START = date(2021, 1, 2)
"""The first day of all workloads; the day before it is loaded to warm up."""


@dataclass(frozen=True)
class Figures:
    """
    Of one run, or the medians of several. ``database_seconds``: processor time of PostgreSQL.

    ``rows_written``: inserted, updated and deleted, in PostgreSQL's catalog, too; ``wal_mb``: its write-ahead log.
    """

    seconds: float
    cpu_seconds: float
    database_seconds: float
    imported_mb: float
    extra_mb: float
    rows_written: float
    wal_mb: float


@dataclass(frozen=True)
class Bench:
    """Where contestants run, and how often each."""

    databases: Databases
    home: Path
    runs: int

    def measure(
        self, contestants: Sequence[Contestant], url: str, days: int, check: Callable[[Contestant, str], None]
    ) -> dict[str, Figures]:
        """Return the medians by title. ``check`` raises if the database of a run is not what it should be."""
        templates = {contestant: self.warm_up(contestant, url) for contestant in contestants}
        return self.measure_on(templates, lambda name: self.make_job(url, name, days), check)

    def measure_on(
        self,
        templates: Mapping[Contestant, str],
        make_job: Callable[[str], Job],
        check: Callable[[Contestant, str], None],
    ) -> dict[str, Figures]:
        """Like ``measure``, from copies of databases; ``make_job`` gets the name of a copy."""
        runs: dict[Contestant, list[Figures]] = {contestant: [] for contestant in templates}
        for _ in range(self.runs):
            for contestant, template in templates.items():
                name = self.databases.copy(template)
                runs[contestant].append(self._run(contestant, make_job(name)))
                check(contestant, name)
                self.databases.drop(name)
        return {contestant.title: find_medians(figures) for contestant, figures in runs.items()}

    def profile(self, contestant: Contestant, url: str, days: int) -> dict[str, float]:
        """Return the seconds of all runs together, by file."""
        template = self.warm_up(contestant, url)
        seconds: dict[str, float] = defaultdict(float)
        for _ in range(self.runs):
            name = self.databases.copy(template)
            found = profile_contestant(contestant, self.make_job(url, name, days), self.home)
            for file, took in found.items():
                seconds[file] += took
            self.databases.drop(name)
        return seconds

    def warm_up(self, contestant: Contestant, url: str) -> str:
        """Let it load the day before ``START`` into a new database, so that its tables exist; return the database."""
        name = self.databases.copy(WITH_TABLES)
        self._run(contestant, Job(url, self.databases.get_uri(name), str(START - timedelta(days=1)), str(START)))
        return name

    def load(self, contestant: Contestant, url: str, days: int) -> str:
        """Let it load ``days``, and the day before them, into a new database; return the database."""
        name = self.databases.copy(WITH_TABLES)
        first, end = START - timedelta(days=1), START + timedelta(days=days)
        self._run(contestant, Job(url, self.databases.get_uri(name), str(first), str(end)))
        self.databases.vacuum(name)  # until then, the first who reads a page changes it
        return name

    def make_job(self, url: str, database: str, days: int) -> Job:
        return Job(url, self.databases.get_uri(database), str(START), str(START + timedelta(days=days)))

    def _run(self, contestant: Contestant, job: Job) -> Figures:
        name = job.database.rpartition("/")[2]
        busy, before = self.databases.read_cpu_seconds(), self.databases.read_writes(name)
        measured = run_contestant(contestant, job, self.home)
        busy, after = self.databases.read_cpu_seconds() - busy, self.databases.read_writes(name)
        rows, wal_mb = after.rows - before.rows, after.wal_mb - before.wal_mb
        return Figures(database_seconds=busy, rows_written=rows, wal_mb=wal_mb, **measured)


def find_medians(runs: Sequence[Figures]) -> Figures:
    return Figures(**{name: median(getattr(run, name) for run in runs) for name in asdict(runs[0])})
