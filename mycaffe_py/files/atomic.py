"""Files appear whole or not at all: temporary file, flush, rename."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.temporary import temporary_beside

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
Writer = Callable[[BinaryIO], None]


def write_atomically(path: Path, content: bytes | Writer) -> None:
    """Write `content` (bytes, or a function given the open file) to `path`, creating its folder.

    The bytes go to a temporary file in the same folder, are flushed to the disk and renamed, so a
    reader sees the old file or the new one and a kill leaves either. A failure removes the
    temporary file, leaves an older `path` as it was and raises MyCaffeError; one that a kill left
    is removed by the next process that writes there (temporary.py).
    """
    if _is_stream(path):
        _write_through(path, content)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = temporary_beside(path)
        handle = os.open(new, _NEW_FILE, 0o666)
    except OSError as error:
        raise _failure(path, error) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            _fill(file, content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            new.unlink()
        if isinstance(error, OSError):
            raise _failure(path, error) from error
        raise


def check_writable(path: Path) -> None:
    """Raise the error of `write_atomically(path)` that can be foreseen; nothing is made.

    For work that takes long before its result is written.
    """
    if _is_stream(path):
        return
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = next(above for above in path.parents if above.exists())
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _failure(path, error) from error


def _fill(file: BinaryIO, content: bytes | Writer) -> None:
    if callable(content):
        content(file)
    else:
        file.write(content)


def _is_stream(path: Path) -> bool:
    """Whether what is there is no file but something that takes bytes, such as /dev/stdout."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    in_devices = path.is_absolute() and path.parts[1:2] in (("dev",), ("proc",))
    return in_devices or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _write_through(path: Path, content: bytes | Writer) -> None:
    try:
        with path.open("wb") as file:
            _fill(file, content)
    except OSError as error:
        raise _failure(path, error) from error


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failure(path: Path, error: OSError) -> MyCaffeError:
    reason = error.strerror or type(error).__name__
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        # The system says that a file exists, or that it is none, without naming it.
        reason = next((f"'{above}' is no folder" for above in _files_above(path)), reason)
    return MyCaffeError(
        f"cannot write {path}: {reason}",
        do="Files written before are intact; make room or choose another folder, then go on.",
    )


def _files_above(path: Path) -> list[Path]:
    return [above for above in path.parents if above.exists() and not above.is_dir()]
