"""What happens while numba compiles: garbage waits, and a long wait is told with its numbers."""

import gc
import os
import pty
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numba
import numpy as np
import pytest
from numba.core import event

from mycaffe_py.engine import compilation
from mycaffe_py.engine.compilation import Compilation, finish, watch
from mycaffe_py.kernels.claims import WAITING
from mycaffe_py.notices import hushed

ROOT = Path(__file__).parents[2]
SOMETHING = event.Event("numba:compile", event.EventStatus.START)


class _Seen(event.Listener):
    """Whether garbage was collected when a compilation began."""

    def __init__(self) -> None:
        self.collects: list[bool] = []

    def on_start(self, event: event.Event) -> None:
        self.collects.append(gc.isenabled())

    def on_end(self, event: event.Event) -> None:
        pass


@pytest.mark.parametrize("before", [True, False])
def test_garbage_waits(before: bool) -> None:
    """Within a compilation within another, too; who has turned it off finds it off."""
    inner = numba.njit(lambda x: x + 1)
    seen = _Seen()
    event.register("numba:compile", seen)
    usual = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        numba.njit(lambda x: inner(x) * 2)(1)
        after = gc.isenabled()
    finally:
        event.unregister("numba:compile", seen)
        (gc.enable if usual else gc.disable)()
    assert seen.collects == [False, False]
    assert after == before


def test_it_is_collected_again_behind_what_cannot_be_compiled() -> None:
    with pytest.raises(numba.TypingError):
        numba.njit(lambda x: x.nothing)(1)
    assert gc.isenabled()


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Compilation]:
    """Nothing compiled so far, any time is long, and it is over when it is said."""
    monkeypatch.setattr(compilation, "LONG_S", 0.05)
    monkeypatch.setattr(compilation, "QUIET_S", 1e9)
    finish()
    yield compilation._compilation
    finish()


def compile_one() -> None:
    """Something that takes a few tenths of a second, one function within another."""
    inner = numba.njit(lambda x: x.sum())
    numba.njit(lambda x: inner(x) * 2)(np.zeros(3))


def compile_in(stream: str, setting: str = "") -> str:
    """What a program that compiles two kernels writes to a pipe, or to a terminal."""
    program = f"""
import sys
sys.path.append({str(ROOT)!r})
import numba
from mycaffe_py.engine import compilation
from tests.engine.test_compilation import compile_one
compilation.LONG_S, compilation.QUIET_S = 0.05, 1e9
{setting}
compile_one()
print("a line of the program", file=sys.stderr)
compile_one()
"""
    read, write = pty.openpty() if stream == "terminal" else os.pipe()
    if stream == "terminal":
        termios.tcsetwinsize(write, (24, 60))
    with subprocess.Popen([sys.executable, "-c", program], stderr=write) as child:
        os.close(write)
        found = b""
        with suppress(OSError):  # how a terminal says that nobody holds its other end
            while more := os.read(read, 4096):
                found += more
        os.close(read)
    assert child.returncode == 0, found.decode()
    return found.decode()


BEGIN = "Compiling kernels for this machine, once ..."
END = re.compile(r"Compiled 2 kernels in \d+\.\d s, kept for next time\.")


def test_a_log_gets_a_line_at_the_beginning_and_one_at_the_end() -> None:
    """Functions within a kernel are not counted; the end is told when the program is over."""
    begin, own, end = compile_in("pipe").splitlines()
    assert (begin, own) == (BEGIN, "a line of the program")
    assert END.fullmatch(end)


def test_it_is_told_where_they_cannot_be_kept() -> None:
    why = (
        "from mycaffe_py.kernels import disk_cache; disk_cache._NOT_KEPT[:] = ['the disk is full']"
    )
    begin, _, end = compile_in("pipe", why).splitlines()
    assert begin == "Compiling kernels for this machine ..."
    assert end.endswith(" s, not kept for next time: the disk is full.")


def test_a_terminal_shows_the_numbers_rising_in_one_line_that_goes_away() -> None:
    told = compile_in("terminal", "compilation._TICK_S = 0.02")
    assert BEGIN in told and END.search(told)
    shown = re.findall(r"\rCompiling kernels: (\d+) done, (\d+\.\d) s *", told)
    assert {"0", "1"} <= {done for done, _ in shown}
    seconds = [float(s) for _, s in shown]
    assert seconds == sorted(seconds) and seconds[-1] > seconds[0]
    # The program's own line begins where the numbers were wiped away.
    before, _ = told.split("a line of the program")
    assert re.search(r"\r +\r$", before)


def test_nothing_is_told_where_nothing_is_compiled_or_where_it_takes_a_moment() -> None:
    assert compile_in("pipe", "compile_one = lambda: None") == "a line of the program\n"
    assert compile_in("terminal", "compilation.LONG_S = 1e9") == "a line of the program\r\n"


def test_a_long_wait_is_told_while_it_lasts(
    fresh: Compilation, capsys: pytest.CaptureFixture[str]
) -> None:
    """numba says nothing while it works on a kernel; the line is there before it is done."""
    fresh.on_start(SOMETHING)
    wait_for(lambda: begun(fresh))
    assert capsys.readouterr().err == BEGIN + "\n"
    fresh.on_end(SOMETHING)
    finish()
    assert re.match(r"Compiled 1 kernel ", capsys.readouterr().err)


def test_what_another_process_compiles_is_waited_for_and_not_counted(
    fresh: Compilation, capsys: pytest.CaptureFixture[str]
) -> None:
    with event.trigger_event(WAITING):
        wait_for(lambda: begun(fresh))
    finish()
    told = capsys.readouterr().err
    assert re.search(
        r"\nKernels were ready after \d+\.\d s: another process compiled them\.$", told
    )


def test_it_is_over_after_a_while_without_any(
    fresh: Compilation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server goes on: nobody tells that all is compiled. What comes later is told anew."""
    for _ in range(2):
        monkeypatch.setattr(compilation, "QUIET_S", 1e9)
        fresh.on_start(SOMETHING)
        wait_for(lambda: begun(fresh))
        fresh.on_end(SOMETHING)
        monkeypatch.setattr(compilation, "QUIET_S", 0.01)
        wait_for(lambda: not begun(fresh))
        assert len(capsys.readouterr().err.splitlines()) == 2


def test_it_is_not_told_where_nobody_listens(
    fresh: Compilation, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a hushed block, whatever thread compiles then."""
    watch()
    with hushed():
        compile_one()
        other = Thread(target=compile_one)
        other.start()
        other.join()
        wait_for(lambda: fresh.kernels == 2)
    finish()
    assert capsys.readouterr().err == ""


def begun(compilation: Compilation) -> bool:
    """Whether the line of the beginning is out, and that of the end is not."""
    with compilation._lock:
        return compilation._told


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is so; a busy machine may take its time."""
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)
