"""The log of scripts: lines as glog writes them, on standard error."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from mycaffe_py.solver.glog import Glog

INFO, WARNING, ERROR = 0, 1, 2
_LETTERS = "IWE"
# Where Caffe has the function that writes a script's own lines.
_PLACE = "_caffe.cpp:52"


@dataclass
class _Shown:
    """Lines below `least` are dropped."""

    least: int = INFO


_shown = _Shown()


class StandardError(Glog):
    """Writes the lines that `init_log` allows, to what sys.stderr is at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def say(self, place: str, text: str, severity: str = _LETTERS[INFO]) -> None:
        """One line."""
        self.files = (sys.stderr,)
        self.least = _shown.least
        super().say(place, text, severity)


def init_log(level: int = INFO, to_stderr: bool = True) -> None:
    """Show lines from `level` on: 0 all, 1 warnings, 2 errors, 3 and more none.

    Without `to_stderr` Caffe writes a file for each severity into the folder for temporary files,
    and errors to standard error; here errors alone are shown and no files are written.
    """
    _shown.least = level if to_stderr else max(level, ERROR)


def log(text: str) -> None:
    """Write an INFO line."""
    StandardError().say(_PLACE, text)


def warn(text: str) -> None:
    """Write a WARNING line."""
    StandardError().say(_PLACE, text, _LETTERS[WARNING])
