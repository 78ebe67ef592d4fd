"""A file seen as memory, read page by page when it is looked at."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError


def keep() -> None:
    """The `release` of weights that come from no file: it does nothing."""


@dataclass(frozen=True)
class Mapped:
    """The bytes of a file. `release` gives the pages read so far back to the system.

    What was released can be looked at again. Without it a file of 2 GB would count twice once its
    weights are in a net.
    """

    data: memoryview
    release: Callable[[], None] = keep


def map_file(path: Path) -> Mapped:
    """The file at `path`; raises UserError when it cannot be read."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size == 0:
                return Mapped(memoryview(b""))
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot read {path}: {reason or error}") from error
    if not hasattr(mmap, "MADV_DONTNEED"):
        return Mapped(memoryview(pages))
    return Mapped(memoryview(pages), lambda: pages.madvise(mmap.MADV_DONTNEED))
