"""``python -m datacoves_usage_provider.example_dags FOLDER``: copy the example DAGs and their reference data there."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path

_HERE = Path(__file__).parent
# A wheel has the DAG files beside this one; in a clone they are the folder dags.
_SOURCE = _HERE if (_HERE / "reference").exists() else _HERE.parents[1] / "dags"


def main() -> None:
    parser = ArgumentParser(
        prog="python -m datacoves_usage_provider.example_dags",
        description="Copy the example DAGs, and the CSV files of rates and budgets, into a folder. If a file there "
        "differs, nothing is copied.",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the DAGs folder; it is created")
    folder = parser.parse_args().folder
    try:
        copy_examples(folder)
    except OSError as error:
        sys.exit(f"Cannot copy to {error.filename}: {error.strerror}.")


def copy_examples(folder: Path) -> None:
    """Copy what is not in ``folder`` yet, unless a file there differs: then exit."""
    targets = {path: folder / path.relative_to(_SOURCE) for path in find_examples()}
    there = {path: target for path, target in targets.items() if target.exists()}
    if changed := [str(target) for path, target in there.items() if target.read_bytes() != path.read_bytes()]:
        sys.exit(
            f"Nothing was copied, because these files differ: {', '.join(changed)}. Move them, or name another folder."
        )
    new = {path: target for path, target in targets.items() if path not in there}
    for path, target in new.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        print(target)
    print(f"Files copied to {folder}: {len(new)}; already there: {len(there)}.")


def find_examples() -> list[Path]:
    """Return the DAG files, and the CSV files that they read."""
    return [*sorted(set(_SOURCE.glob("*.py")) - set(_HERE.glob("__*__.py"))), *sorted(_SOURCE.glob("*/*.csv"))]


if __name__ == "__main__":
    main()
