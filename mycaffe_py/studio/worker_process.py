"""One process that has a snapshot open: questions and answers are lines of JSON over pipes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from mycaffe_py.errors import MyCaffeError, UserError

Told = dict[str, Any]
# The answer to a question that a newer one of its page has made needless.
DROPPED: Told = {"dropped": True}
# To open a large net on a busy machine takes long; what takes longer than this hangs.
_MOST_S = 120.0
_EXIT_S = 5.0


class ToldError(MyCaffeError):
    """An error that the net's process told in its parts."""

    def __init__(self, parts: Told) -> None:
        """Of the `parts` that `as_json` gave there."""
        super().__init__(str(parts.get("found", "")))
        self._parts = parts
        self.exit_code = UserError.exit_code

    def as_json(self) -> Told:
        """The parts as they came."""
        return self._parts


class DiedError(Exception):
    """The process has ended, or was ended because it took too long."""


class WorkerProcess:
    """The process of one snapshot. Threads take turns; of one page only the newest one waits."""

    def __init__(self, weights: Path, folder: Path) -> None:
        """Start it in `folder`; it opens the snapshot while nobody waits yet."""
        self._child = subprocess.Popen(
            # -P: no file of the user's folder is taken for a module.
            [sys.executable, "-P", "-m", "mycaffe_py.studio.asked", str(weights)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        self._turn = threading.Condition()
        self._newest: dict[str, int] = {}
        self.is_open = False
        self.busy = False
        self.used = time.monotonic()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._child.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.poll() is None

    def ask(self, question: Told, page: str) -> Told:
        """The answer to a question; DROPPED where its `page` asks another one before its turn.

        Questions of the page "" are all answered.

        Errors: ToldError; DiedError, then nothing more can be asked.
        """
        with self._turn:
            mine = self._newest.get(page, 0) + 1
            if page:
                self._newest[page] = mine
                self._turn.notify_all()
            self._turn.wait_for(lambda: not self.busy or self._is_old(page, mine))
            if self._is_old(page, mine):
                return DROPPED
            self.busy = True
        try:
            if not self.is_open:
                self._line()
                self.is_open = True
            self._say(question)
            return self._line()
        finally:
            with self._turn:
                self.busy, self.used = False, time.monotonic()
                self._turn.notify_all()

    def end(self) -> None:
        """End the process, at once where it does not end by itself."""
        with suppress(OSError):
            self._child.terminate()
        try:
            self._child.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            # What was not sent yet is of no use any more.
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()

    def _is_old(self, page: str, mine: int) -> bool:
        return page != "" and self._newest[page] != mine

    def _say(self, question: Told) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(question).encode() + b"\n")
            self._child.stdin.flush()
        except (OSError, ValueError) as error:
            raise DiedError from error

    def _line(self) -> Told:
        assert self._child.stdout is not None
        late = threading.Timer(_MOST_S, self._child.kill)
        late.daemon = True
        late.start()
        try:
            raw = self._child.stdout.readline()
        except (OSError, ValueError) as error:
            raise DiedError from error
        finally:
            late.cancel()
        if not raw.endswith(b"\n"):
            raise DiedError
        told = json.loads(raw)
        if "error" in told:
            raise ToldError(told["error"])
        answer: Told = told["answer"]
        return answer
