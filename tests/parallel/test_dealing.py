"""Tasks are dealt to all processes; what comes back is in their order."""

from __future__ import annotations

import time

import pytest

from mycaffe_py.parallel.dealing import dealt
from mycaffe_py.solver.team import ALONE
from tests.parallel.dealing import TASKS
from tests.parallel.launching import launch

PROGRAM = "tests.parallel.dealing"


def test_one_process_makes_one_thing_after_the_other() -> None:
    made: list[int] = []

    def make(task: int) -> int:
        made.append(task)
        return -task

    results = dealt(ALONE, [1, 2, 3], make)
    assert next(results) == -1
    assert made == [1]
    assert list(results) == [-2, -3]


@pytest.mark.slow
def test_three_processes_work_and_the_order_is_kept() -> None:
    done = launch(3, PROGRAM, "works")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{[task * task for task in TASKS]} 3\n"


@pytest.mark.slow
def test_an_error_of_a_worker_ends_all_with_one_message() -> None:
    began = time.monotonic()
    done = launch(3, PROGRAM, "raises")
    assert time.monotonic() - began < 60
    assert done.returncode == 1
    assert done.stderr.count("this machine is on fire") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_process_that_dies_ends_the_job() -> None:
    began = time.monotonic()
    done = launch(3, PROGRAM, "dies")
    assert time.monotonic() - began < 60
    assert done.returncode != 0
    assert "[0, 1," not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_an_interrupt_that_reaches_one_process_ends_all_at_once(rank: int) -> None:
    began = time.monotonic()
    done = launch(3, PROGRAM, f"interrupts {rank}")
    assert time.monotonic() - began < 15
    assert done.stderr.count("interrupted") == 1
    assert "error" not in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.returncode != 0
