"""Floor 2. Files appear whole or not at all: temporary file, flush, rename."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mycaffe_py.errors import MyCaffeError

Writer = Callable[[BinaryIO], None]


def write_atomically(path: Path, content: bytes | Writer) -> None:
    """Write `content` (bytes, or a function given the open file) to `path`, creating its folder.

    The bytes go to a temporary file in the same folder, are flushed to the disk and renamed, so a
    reader sees the old file or the new one and a kill leaves either. A failure removes the
    temporary file, leaves an older `path` as it was and raises MyCaffeError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _failure(path, error) from error
    try:
        with os.fdopen(handle, "w+b") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError):
            raise _failure(path, error) from error
        raise


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


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
    return MyCaffeError(
        f"cannot write {path}: {reason}",
        do="Files written before are intact; make room or choose another folder, then go on.",
    )
