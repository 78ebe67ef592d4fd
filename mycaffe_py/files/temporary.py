"""Names for unfinished files, and the removal of those that killed processes left behind.

A temporary file or folder stands beside what it will become and is named after its maker:
`.NAME.<host>-<pid>-<start>-<number>.mycaffe-new`, host and start time as short sums. Whoever makes
another one in that folder removes those of processes that are gone; those of another machine, of
which nothing is known, stay.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

from mycaffe_py.process import start_time

_ENDING = ".mycaffe-new"
# SQLite names its journal after its file.
_LEFT = re.compile(
    rf"\..*\.([0-9a-f]{{8}})-(\d{{1,10}})-([0-9a-f]{{8}})-\d+{re.escape(_ENDING)}(-\w+)?\Z",
    re.DOTALL,
)
# Of the name, so that all of it is no longer than a file name may be.
_MOST_CHARACTERS = 40
# A folder that takes longer to look through is looked through once by a process.
_QUICK_S = 0.005

_numbers = count()
_slow_folders: set[Path] = set()


def temporary_beside(path: Path) -> Path:
    """A free name in the folder of `path`; no file is made.

    What processes that are gone left in that folder under such names is removed.
    """
    remove_left(path.parent)
    pid = os.getpid()
    who = f"{_sum(platform.node())}-{pid}-{_sum(start_time(pid) or '')}-{next(_numbers)}"
    return path.with_name(f".{path.name[:_MOST_CHARACTERS]}.{who}{_ENDING}")


def remove_left(folder: Path) -> None:
    """Remove what processes that are gone left in `folder`. What cannot be removed stays."""
    if folder in _slow_folders:
        return
    began = time.perf_counter()
    with suppress(OSError):
        for path in folder.iterdir():
            found = _LEFT.match(path.name)
            if found is not None and _is_left(*found.groups()[:3]):
                _remove(path)
    if time.perf_counter() - began > _QUICK_S:
        _slow_folders.add(folder)


def _is_left(host: str, pid: str, start: str) -> bool:
    if host != _sum(platform.node()):
        return False
    now = start_time(int(pid))
    return now is None or (now != "" and _sum(now) != start)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
