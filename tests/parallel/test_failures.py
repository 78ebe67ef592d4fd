"""All processes end together, with one message, whatever befalls one of them."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.parallel.launching import command, environment, launch
from tests.solver.tiny import tiny_job

pytestmark = pytest.mark.slow
PROGRAM = "tests.parallel.failing"


@pytest.fixture(autouse=True)
def job(tmp_path: Path) -> None:
    tiny_job(tmp_path)


@pytest.mark.parametrize(
    ("act", "told", "code"),
    [
        ("alone", "mycaffe: error: process 1 of 2: this machine is on fire.", 1),
        ("nan", "the loss became nan at iteration 3", 1),
    ],
)
def test_an_error_ends_all_with_one_message(tmp_path: Path, act: str, told: str, code: int) -> None:
    began = time.monotonic()
    done = launch(2, PROGRAM, act, cwd=tmp_path)
    assert time.monotonic() - began < 60
    assert done.returncode == code
    assert done.stderr.count(told) == 1
    assert "Traceback" not in done.stderr


def test_a_signal_to_one_process_stops_all_with_one_snapshot(tmp_path: Path) -> None:
    done = launch(2, PROGRAM, "SIGTERM", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("Stopping after this iteration, with a snapshot.") == 1
    assert [path.suffix for path in sorted((tmp_path / "out").glob("run_iter_*"))] == [
        ".caffemodel", ".json", ".solverstate",
    ]  # fmt: skip
    assert done.stdout.count("Go on with: mycaffe resume") == 1


def test_several_processes_need_shards_that_they_divide(tmp_path: Path) -> None:
    words = ("train", "--solver", "tiny.solver")
    for more, told in (
        ((), "tiny.solver: 2 processes, and the solver text has no shards"),
        (("--shards", "3"), "2 processes for 3 shards"),
    ):
        done = launch(2, "mycaffe_py", *words, *more, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.count("error") == 1
        assert told in done.stderr


def test_mpiexec_passes_an_interrupt_on(tmp_path: Path) -> None:
    words = ("train", "--solver", "tiny.solver", "--shards", "4", "--iterations", "1000000")
    with subprocess.Popen(
        command(2, "mycaffe_py", *words, "--set", "solver.display=1"),
        env=environment(), cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        for line in started.stdout:
            if line.startswith("Iteration 3"):
                started.send_signal(2)
                break
        out, err = started.communicate(timeout=60)
    assert err.count("Stopping after this iteration") == 1
    assert "Go on with: mycaffe resume" in out
    assert started.returncode != 0
