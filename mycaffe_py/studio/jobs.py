"""The commands that pages start: each a process of its own, found again after a restart.

One training runs at a time, others wait in line. A job is two files in the studio's own folder:
`N.json` says what it is, `N.log` is what the command told; `N.end` holds its exit code.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import read_json
from mycaffe_py.files.schema import DamagedError
from mycaffe_py.process import start_time
from mycaffe_py.studio.consent import check_consent
from mycaffe_py.studio.job import END

WAITING, RUNNING, DONE, STOPPED, FAILED, DEAD = (
    "waiting", "running", "done", "stopped", "failed", "dead",
)  # fmt: skip
# These take all cores, so one of them runs at a time.
HEAVY = frozenset({"train", "resume", "features", "rank", "refine"})
_STOPPED_CODES = (130, -signal.SIGINT, -signal.SIGTERM)
_LOOK_S = 0.3
# So many commands that have ended can be looked at again.
KEPT = 100


@dataclass(frozen=True)
class Job:
    """A command: `arguments` without "mycaffe", run in `folder`; `pid` is 0 while it waits."""

    number: int
    arguments: tuple[str, ...]
    folder: str
    place: int = 0
    pid: int = 0
    started: str = ""
    host: str = ""
    asked_to_stop: bool = False

    @property
    def words(self) -> str:
        """The command line, to copy."""
        return shlex.join(["mycaffe", *self.arguments])

    @property
    def is_heavy(self) -> bool:
        """Whether it waits for others of its kind."""
        return bool(self.arguments) and self.arguments[0] in HEAVY


class Jobs:
    """All jobs of one workspace. Safe to use from several threads."""

    def __init__(self, folder: Path, root: Path) -> None:
        """`folder` keeps the jobs' files; the commands run in `root`."""
        self.folder = folder
        self.root = root
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        # Pages look five times a second: a file that did not change is not read again.
        self._known: dict[Path, tuple[int, Job]] = {}
        self._codes: dict[int, int] = {}
        folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._watch, daemon=True).start()

    def close(self) -> None:
        """Stop looking after the line; the commands go on."""
        self._closing.set()

    def start(self, arguments: list[str]) -> Job:
        """Put a command in line, and start it where nothing is before it.

        `arguments` are those of the public command, as a list: no shell reads them.
        Errors: code of the folder would run, and the user has not said that it may.
        """
        check_consent(self.root, arguments)
        with self._lock:
            numbers = [job.number for job in self.all()]
            number = max(numbers, default=0) + 1
            job = Job(number, tuple(arguments), str(self.root), place=number)
            self._write(job)
            self._start_next()
            return self.get(number)

    def all(self) -> list[Job]:
        """Every job, in the order of their numbers."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(DamagedError, OSError):
                found.append(self._job(path))
        return sorted(found, key=lambda job: job.number)

    def _job(self, path: Path) -> Job:
        changed = path.stat().st_mtime_ns
        known = self._known.get(path)
        if known is None or known[0] != changed:
            self._known[path] = known = (changed, read_json(path, Job))
        return known[1]

    def get(self, number: int) -> Job:
        """The job of that number. Errors: there is none."""
        try:
            return read_json(self._path(number), Job)
        except (DamagedError, OSError) as error:
            raise UserError(f"there is no job {number}", do="Reload the page.") from error

    def state(self, job: Job) -> str:
        """WAITING, RUNNING, DONE, STOPPED, FAILED or DEAD (its process went without a word)."""
        code = self.exit_code(job)
        if code is not None:
            if code == 0:
                return DONE
            return STOPPED if code in _STOPPED_CODES and job.asked_to_stop else FAILED
        if not job.pid:
            return STOPPED if job.asked_to_stop else WAITING
        return RUNNING if self._runs(job) else DEAD

    def exit_code(self, job: Job) -> int | None:
        """What the command returned, None while it runs or when nothing is known."""
        if job.number not in self._codes:
            with suppress(OSError, ValueError):
                path = self._path(job.number).with_suffix(END)
                self._codes[job.number] = int(path.read_text(encoding="ascii"))
        return self._codes.get(job.number)

    def forget_old(self, kept: int = KEPT) -> None:
        """Remove what is known of commands that have ended, but for the newest `kept` of them."""
        with self._lock:
            ended = [job for job in self.all() if self.state(job) not in (WAITING, RUNNING)]
            for job in ended[: max(0, len(ended) - kept)]:
                self._known.pop(self._path(job.number), None)
                for ending in (".log", END, ".json"):
                    self._path(job.number).with_suffix(ending).unlink(missing_ok=True)

    def log(self, number: int) -> Path:
        """The file that holds what the command told."""
        return self._path(number).with_suffix(".log")

    def written_s(self, job: Job) -> float:
        """When its file was written: when it began, or was asked to stop, on the files' clock."""
        return self._path(job.number).stat().st_mtime

    def stop(self, number: int, *, now: bool = False) -> Job:
        """Let a command end as Ctrl-C would (`now`: at once); a waiting one leaves the line."""
        with self._lock:
            job = replace(self.get(number), asked_to_stop=True)
            self._write(job)
            if job.pid and self._runs(job):
                _signal_group(job.pid, signal.SIGTERM if now else _gentle())
            return job

    def signal(self, number: int, name: str) -> None:
        """Send a running command the signal called `name`, such as SIGHUP for a snapshot now."""
        job = self.get(number)
        if not hasattr(signal, name):
            raise UserError(f"this system has no {name}", do="Stop it and resume instead.")
        if job.pid and self._runs(job):
            _signal_group(job.pid, getattr(signal, name))

    def move(self, number: int, before: int) -> None:
        """Let a waiting job take the place of another waiting one; the rest moves on."""
        with self._lock:
            waiting = self._waiting()
            moved = next((job for job in waiting if job.number == number), None)
            target = next((job for job in waiting if job.number == before), None)
            if moved is None or target is None or moved is target:
                return
            rest = [job for job in waiting if job is not moved]
            rest.insert(waiting.index(target), moved)
            places = sorted(job.place for job in waiting)
            for job, place in zip(rest, places, strict=True):
                self._write(replace(job, place=place))

    def _waiting(self) -> list[Job]:
        waiting = [job for job in self.all() if self.state(job) == WAITING]
        return sorted(waiting, key=lambda job: job.place)

    def _start_next(self) -> None:
        running = [job for job in self.all() if self.state(job) == RUNNING]
        busy = any(job.is_heavy for job in running)
        for job in self._waiting():
            if job.is_heavy and busy:
                continue
            self._begin(job)
            busy = busy or job.is_heavy

    def _begin(self, job: Job) -> None:
        child = subprocess.Popen(
            [sys.executable, "-m", "mycaffe_py.studio.job", str(self._path(job.number))],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            # It outlives the studio, and gets its signals as a group.
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )  # fmt: skip
        self._children[job.number] = child
        # Whoever starts a process has to wait for its end, or it stays in the system's list.
        threading.Thread(target=child.wait, daemon=True).start()
        started = start_time(child.pid) or ""
        self._write(replace(job, pid=child.pid, started=started, host=platform.node()))

    def _runs(self, job: Job) -> bool:
        child = self._children.get(job.number)
        if child is not None:
            return child.poll() is None
        return job.host == platform.node() and start_time(job.pid) == job.started

    def _write(self, job: Job) -> None:
        write_atomically(self._path(job.number), json.dumps(asdict(job)).encode())

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.json"

    def _watch(self) -> None:
        while not self._closing.wait(_LOOK_S):
            with self._lock, suppress(OSError, UserError):
                self._start_next()


def _gentle() -> int:
    return int(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "nt":
            os.kill(pid, number)
        else:
            os.killpg(pid, number)
