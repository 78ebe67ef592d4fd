"""How many threads a step uses where other work keeps cores busy."""

from __future__ import annotations

from pathlib import Path

import numba
import pytest

from mycaffe_py.solver import pace
from mycaffe_py.solver.pace import FIRST_WAIT, MOST_WAIT, TRIED, Pace
from tests.solver.tiny import tiny_solver


class Machine:
    """Two threads, a clock that goes on as steps take, and the number of threads of each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads = 2
        self.now = 0.0
        self.used: list[int] = []
        self.seconds = {1: 1.0, 2: 0.6}
        monkeypatch.setattr(pace, "get_num_threads", lambda: self.threads)
        monkeypatch.setattr(pace, "set_num_threads", lambda count: setattr(self, "threads", count))

    def run(self, found: Pace, steps: int) -> float:
        """The seconds of so many steps."""
        before = self.now
        for _ in range(steps):
            with found:
                self.used.append(self.threads)
                self.now += self.seconds[self.threads]
            assert self.threads == 2
        return self.now - before


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_all_threads_work_where_they_are_faster(machine: Machine) -> None:
    """One is tried less and less often."""
    found = Pace(lambda: machine.now)
    machine.run(found, 5 * MOST_WAIT)
    assert machine.used[:FIRST_WAIT] == [2] * FIRST_WAIT
    assert not found.alone
    assert machine.used.count(1) < 0.01 * len(machine.used)


def test_one_works_while_others_are_held_up(machine: Machine) -> None:
    """It is seen at once, and when it is over soon enough."""
    found = Pace(lambda: machine.now)
    machine.run(found, 3 * MOST_WAIT)
    machine.seconds[2] = 1.4
    machine.run(found, 3 * TRIED)
    assert found.alone
    assert machine.run(found, 1000) < 1.05 * 1000
    machine.seconds[2] = 0.6
    machine.run(found, MOST_WAIT + TRIED)
    assert not found.alone


def test_what_makes_all_slow_is_no_reason(machine: Machine) -> None:
    found = Pace(lambda: machine.now)
    machine.run(found, 3 * MOST_WAIT)
    machine.seconds = {1: 3.0, 2: 1.8}
    machine.run(found, 3 * TRIED)
    assert not found.alone and machine.used[-3 * TRIED :].count(1) == TRIED
    machine.used.clear()
    machine.run(found, FIRST_WAIT)
    assert machine.used == [2] * FIRST_WAIT


def test_another_number_of_threads_is_another_matter(machine: Machine) -> None:
    found = Pace(lambda: machine.now)
    machine.seconds[2] = 1.4
    machine.run(found, 2 * FIRST_WAIT)
    assert found.alone
    machine.threads = 1
    with found:
        assert machine.threads == 1
    assert machine.threads == 1 and not found.alone


def test_a_step_that_fails_leaves_the_threads_as_they_were(machine: Machine) -> None:
    found = Pace(lambda: machine.now)
    found.alone = True
    found._most = 2
    with pytest.raises(ValueError, match="broken"), found:
        assert machine.threads == 1
        raise ValueError("broken")
    assert machine.threads == 2


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one core")
def test_the_bits_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is tried meanwhile."""
    monkeypatch.setattr(pace, "FIRST_WAIT", 1)
    usual = numba.get_num_threads()
    results = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            solver = tiny_solver(tmp_path)
            solver.solve()
            results.append(solver.params.data.tobytes())
    finally:
        numba.set_num_threads(usual)
    assert results[0] == results[1]
