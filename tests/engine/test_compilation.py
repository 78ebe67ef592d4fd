"""What happens while numba compiles: garbage waits, and a long wait is told once."""

import gc
from threading import Thread

import numba
import pytest
from numba.core import event

from mycaffe_py.engine import compilation
from mycaffe_py.engine.compilation import Compilation, leave_to_another, watch
from mycaffe_py.notices import hushed


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
def fresh(monkeypatch: pytest.MonkeyPatch) -> Compilation:
    """Nothing compiled so far, and any time is long."""
    monkeypatch.setattr(compilation, "LONG_S", 1e-9)
    found = compilation._compilation
    monkeypatch.setattr(found, "seconds", 0.0)
    monkeypatch.setattr(found, "told", False)
    monkeypatch.setattr(found, "thread", found.thread)
    return found


def compile_one() -> None:
    numba.njit(lambda x: x - 1)(1)


def test_a_long_wait_is_told_once(fresh: Compilation, capsys: pytest.CaptureFixture[str]) -> None:
    """Not before it is long."""
    watch()
    compile_one()
    assert capsys.readouterr().err == ""
    compile_one()
    compile_one()
    told = capsys.readouterr().err
    assert told.count("Compiling kernels for this machine, once") == 1


def test_it_is_not_told_where_nobody_listens(
    fresh: Compilation, capsys: pytest.CaptureFixture[str]
) -> None:
    """During a training, which tells itself, in a hushed block, or from a thread of numba's."""
    watch()
    compile_one()
    leave_to_another(True)
    compile_one()
    leave_to_another(False)
    other = Thread(target=compile_one)
    other.start()
    other.join()
    with hushed():
        compile_one()
    assert capsys.readouterr().err == ""
