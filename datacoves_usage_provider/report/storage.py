"""Files of a folder or an object storage, replaced as carefully as each kind can."""

from __future__ import annotations

import errno
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from datacoves_usage_provider.exceptions import UsageConfigError, UsageError
from datacoves_usage_provider.text import quote, shorten

_FINAL = (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError)
_FINAL_NUMBERS = (errno.EROFS, errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)


def write_files(folder: str, files: Mapping[str, bytes], outdated: Collection[str] = ()) -> list[str]:
    """
    Write ``files`` by their names into ``folder``, an absolute path or a URL; return their paths, sorted by name.

    Then remove those of ``outdated`` that an earlier report wrote.

    A path, or a ``file://`` URL: all are written before the first is replaced, and who reads one sees the old or the
    new. Any other URL: one file after the other, each as its file system does it. Object storages such as S3, GCS and
    Azure show an object when it is there whole, so if an upload fails, the files after it are old. Others, such as
    SFTP, may show a part of a file while it is written, and leave it so if that fails; another try writes it again.

    ``UsageConfigError``: the folder or its rights must be changed; a ``UsageError`` that is not final: it may pass.
    """
    write = _write_local if "://" not in folder or folder.startswith("file://") else _write_objects
    try:
        return write(folder, files, outdated)
    except (OSError, ImportError, ValueError, TypeError) as error:
        raise _explain(error, folder) from error


def _explain(error: Exception, folder: str) -> UsageError:
    said = f"to {quote(folder)}: {type(error).__name__}: {shorten(str(error))}."
    if _may_pass(error):
        return UsageError(f"The report could not be written {said} Airflow's retries try again later.")
    return UsageConfigError(
        f"The report cannot be written {said} Name a folder that the workers can write to, or the URL of an object "
        "storage whose provider is installed."
    )


def _may_pass(error: Exception) -> bool:
    """Tell whether waiting may help, as after a lost connection or with a full disk: errors of I/O but for a few."""
    if not isinstance(error, OSError) or isinstance(error, (*_FINAL, ValueError)):
        return False
    return error.errno not in _FINAL_NUMBERS


def _write_local(folder: str, files: Mapping[str, bytes], outdated: Collection[str]) -> list[str]:
    path = Path(folder.removeprefix("file://"))
    if not path.is_absolute():
        raise ValueError("it is not an absolute path")
    path.mkdir(parents=True, exist_ok=True)
    new = {name: path / f".{name}.{uuid4().hex}" for name in files}
    try:
        # All before the first is replaced: a full disk leaves the old ones.
        for name, content in files.items():
            new[name].write_bytes(content)
        for name in files:
            new[name].replace(path / name)
    finally:
        for each in new.values():
            each.unlink(missing_ok=True)
    for name in outdated:
        (path / name).unlink(missing_ok=True)
    return sorted(str(path / name) for name in files)


def _write_objects(folder: str, files: Mapping[str, bytes], outdated: Collection[str]) -> list[str]:
    from datacoves_usage_provider.compat import ObjectStoragePath

    base: Any = ObjectStoragePath(folder)
    base.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (base / name).write_bytes(content)
    for name in outdated:
        if (base / name).exists():
            (base / name).unlink()
    return sorted(str(base / name) for name in files)
