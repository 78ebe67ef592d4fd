"""What a command prints to: closed streams are opened, and no text steers the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from mycaffe_py.printable import printable

# The end of all colours: colorama, which numba uses where it is there, writes it at exit.
_PLAIN = "\x1b[0m"


class _Printable:
    """A stream that writes out whatever would steer a terminal; all else it leaves to `stream`."""

    def __init__(self, stream: TextIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._lost: OSError | None = None

    def write(self, text: str) -> int:
        """Write `text`, whose labels and paths may be anybody's. Errors: OSError, with a name."""
        # A progress bar begins each picture of itself so.
        start = "\r" if self._name == "standard error" and text.startswith("\r") else ""
        written = text if text == _PLAIN else start + printable(text[len(start) :])
        with self._named():
            self._stream.write(written)
        return len(text)

    def flush(self) -> None:
        """Write what is pending. Errors: OSError, also of an earlier write that nobody heeded."""
        if self._lost is not None:
            raise self._lost
        with self._named():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = error.filename or self._name
            self._lost = error
            raise


def open_closed_streams() -> None:
    """Before anything else: a process without standard streams gets some that go nowhere.

    Else the next file it opens would be one of them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        # A language whose signs the terminal cannot show is no reason to stop.
        with suppress(AttributeError, ValueError):
            cast(Any, stream).reconfigure(errors="backslashreplace")
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


@contextmanager
def printable_streams() -> Iterator[None]:
    """Standard output and error write printable text only, for as long as the block runs."""
    before = sys.stdout, sys.stderr
    sys.stdout = cast(TextIO, _Printable(sys.stdout or _nowhere(), "standard output"))
    sys.stderr = cast(TextIO, _Printable(sys.stderr or _nowhere(), "standard error"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def let_go() -> None:
    """Streams that can no longer be written lose what is pending: python would complain at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
