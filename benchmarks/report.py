"""The results as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.measuring import Figures
from benchmarks.processes import PACKAGE

_HEAD = ("", "seconds", "times ours", "own CPU s", "database CPU s", "imports MB", "extra MB", "rows written", "WAL MB")


def write_table(title: str, result: Mapping[str, Figures]) -> str:
    ours = result[PACKAGE.title].seconds
    rows = [
        (
            name,
            f"{figures.seconds:.2f}",
            f"{figures.seconds / ours:.2f}",
            f"{figures.cpu_seconds:.2f}",
            f"{figures.database_seconds:.2f}",
            f"{figures.imported_mb:.0f}",
            f"{figures.extra_mb:.1f}",
            f"{figures.rows_written:.0f}",
            f"{figures.wal_mb:.2f}",
        )
        for name, figures in result.items()
    ]
    return f"{title}\n{_align([_HEAD, *rows])}\n"


def write_list(title: str, items: Iterable[tuple[str, object]]) -> str:
    return f"{title}\n{_align([(name, str(value)) for name, value in items])}\n"


def write_verdicts(title: str, verdicts: Mapping[str, Mapping[str, str]]) -> str:
    """List who is exact after which restatement, and below what is wrong with the others."""
    names = list(next(iter(verdicts.values())))
    table = [("", *names)]
    wrong = []
    for contestant, by_restatement in verdicts.items():
        table.append((contestant, *(by_restatement[name].partition(":")[0].split()[0] for name in names)))
        wrong += [
            f"  {contestant}, {name}: {by_restatement[name]}" for name in names if by_restatement[name] != "exact"
        ]
    return "\n".join([title, _align(table), "", *wrong, ""])


def _align(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line.rstrip()}" for line in lines)
