"""A lock file: while one process holds it, others wait or are refused.

The file tells who holds it, {"pid", "started", "host"} as JSON, and is removed at the end. A
process that was killed leaves it behind; as its number may have been given to another process
since, its start time is compared as well. Where the system has file locks (flock), one on the file
decides who is first.
"""

from __future__ import annotations

import json
import os
import platform
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.schema import Bounds, DamagedError
from mycaffe_py.process import start_time

_POLL_S = 0.05
# A holder is told in a few words; a longer file is no lock of ours.
_MOST_BYTES = 4096


@dataclass(frozen=True)
class Holder:
    """A process: its number, its start time as the system of `host` tells it ("" if unknown)."""

    pid: Annotated[int, Bounds(1, 2**31 - 1)]
    started: str
    host: str

    @staticmethod
    def this() -> Holder:
        """This process."""
        return Holder(os.getpid(), start_time(os.getpid()) or "", platform.node())

    @property
    def is_gone(self) -> bool:
        """Whether it certainly no longer runs; of another machine's processes nothing is known."""
        if self.host != platform.node():
            return False
        now = start_time(self.pid)
        return now is None or bool(now and self.started and now != self.started)


@contextmanager
def locked(path: Path, what: str, *, do: str, wait_s: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` (its folder must be there) for as long as the block runs.

    `what` is locked, such as "the run 'snapshots/lenet'"; `do` is the remedy of a refusal. It is
    waited for up to `wait_s` seconds. A lock left by a process that is gone is taken over, and one
    line says so. Errors: another process holds it, the file cannot be written.
    """
    end = time.monotonic() + wait_s
    try:
        while (handle := _take(path)) is None:
            if time.monotonic() >= end:
                raise _refused(path, what, do)
            time.sleep(_POLL_S)
    except OSError as error:
        raise MyCaffeError(
            f"cannot lock {what} with '{path}': {error.strerror or error}",
            do="Make room, or choose another folder.",
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _take(path: Path) -> int | None:
    """The open lock file with this process as its holder; None while another one holds it."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags, 0o666)
    try:
        if _claim(path, handle):
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _claim(path: Path, handle: int) -> bool:
    """Try to become the holder of the open file, and write that into it; whether it worked."""
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise OSError(0, "it is no file")
    first = _flock(handle)
    if first is False or not _is_at(path, handle):
        return False
    before, ours = _holder(os.read(handle, _MOST_BYTES)), Holder.this()
    if before is not None and not (first and before == ours):
        if not before.is_gone and not (first and before.host != ours.host):
            return False
        print(
            f"The lock of process {before.pid}, which is gone, is taken over: {path}",
            file=sys.stderr,
            flush=True,
        )
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, f"{json.dumps(asdict(ours))}\n".encode())
    return True


def _flock(handle: int) -> bool | None:
    """Lock the open file; False where another one has, None where there are no such locks."""
    try:
        fcntl: Any = import_module("fcntl")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def _is_at(path: Path, handle: int) -> bool:
    """Whether the open file still is the one at `path`: its holder may just have removed it."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder(content: bytes) -> Holder | None:
    """The holder that a lock file names; None where a kill left it half written."""
    try:
        return parse_json(content, Holder)
    except DamagedError:
        return None


def _refused(path: Path, what: str, do: str) -> UserError:
    content = b""
    with suppress(OSError), path.open("rb") as file:
        content = file.read(_MOST_BYTES)
    holder = _holder(content)
    who = f"process {holder.pid}" if holder else "another process"
    if holder and holder.host != platform.node():
        who += f" on {holder.host}"
    return UserError(f"{what} is held by {who} (lock '{path}')", do=do)
