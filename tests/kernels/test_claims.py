"""Processes that need the same kernels at the same time: one compiles, the others read."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import numba
import pytest
from numba.core import event

from mycaffe_py.kernels import claims
from mycaffe_py.kernels.claims import ElsewhereError, claim, give_up
from mycaffe_py.kernels.jit import kernel

PLACE = 7
HOLDER = """
import sys, time
from mycaffe_py.kernels.claims import claim
claim(sys.argv[1], int(sys.argv[2]))
print("claimed", flush=True)
time.sleep(60)
"""
KERNEL = """
import sys, time
from pathlib import Path
from mycaffe_py.kernels.jit import kernel
import numpy as np

@kernel
def counted(x):
    for i in range(x.size):
        x[i] = i * 2.5 + x[i]

Path(sys.argv[1]).touch()
while not Path(sys.argv[2]).exists():
    time.sleep(0.001)
counted(np.zeros(3))
print(sum(counted.stats.cache_misses.values()))
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that has claimed PLACE."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(PLACE)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "claimed\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_who_helps_does_not_wait(
    tmp_path: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims._State, "waits", False)
    with pytest.raises(ElsewhereError):
        claim(str(tmp_path), PLACE)
    assert claim(str(tmp_path), PLACE + 1)
    give_up(str(tmp_path), PLACE + 1)


def test_a_claim_ends_with_its_process(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    """Whoever waits goes on at once; that it waits is told while it does."""
    waits = event.RecordingListener()
    event.register(claims.WAITING, waits)
    Timer(0.3, holder.kill).start()
    began = time.monotonic()
    try:
        assert claim(str(tmp_path), PLACE)
    finally:
        event.unregister(claims.WAITING, waits)
    assert time.monotonic() - began < 30
    assert [told.is_start for _, told in waits.buffer] == [True, False]
    give_up(str(tmp_path), PLACE)


def test_a_process_that_stands_still_is_left_behind(
    tmp_path: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have pressed Ctrl-Z: both compile."""
    holder.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(claims, "PATIENCE_S", 0.2)
    assert not claim(str(tmp_path), PLACE)
    assert claims._State.held == 0


def test_without_locks_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, or where a folder cannot be written."""
    monkeypatch.setattr(claims, "_locks", lambda: None)
    assert not claim(str(tmp_path), PLACE)
    monkeypatch.undo()
    assert not claim(str(tmp_path / "missing"), PLACE)


def test_a_kernel_that_cannot_be_compiled_is_given_up() -> None:
    @kernel
    def untyped(x):
        return x.nothing

    before = claims._State.held
    with pytest.raises(numba.TypingError):
        untyped(1.0)
    assert claims._State.held == before
    assert untyped._cache._claimed == []


@pytest.mark.slow
def test_two_processes_compile_a_kernel_once(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(KERNEL)
    start = tmp_path / "start"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "c")}
    processes = [
        subprocess.Popen(
            [sys.executable, "program.py", f"ready{number}", str(start)],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    while not all((tmp_path / f"ready{number}").exists() for number in range(2)):
        time.sleep(0.01)
    start.touch()
    told = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(told) == ["0\n", "1\n"]
