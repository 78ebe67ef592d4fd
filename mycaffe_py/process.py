"""When a process began. The system gives numbers of processes again, but not with the same time."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

# Of /proc/<pid>/stat, counted behind the name, which may hold spaces and brackets.
_STATE, _START = 0, 19
_ENDED = ("Z", "X")


def start_time(pid: int) -> str | None:
    """When process `pid` began, in the system's own terms; "" if it cannot be told, None if there
    is no such process, or one that has ended and only waits for its parent to ask.
    """
    if Path("/proc/self/stat").is_file():
        return _by_proc(pid)
    if os.name != "posix":
        return ""  # a signal 0 would end the process there
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except OSError:
        pass  # it is somebody else's
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    with suppress(OSError):
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return ""


def _by_proc(pid: int) -> str | None:
    """Linux: ticks since the machine started, and which start of the machine that was."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    if len(fields) <= _START or fields[_STATE] in _ENDED:
        return None
    boot = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{fields[_START]}"
