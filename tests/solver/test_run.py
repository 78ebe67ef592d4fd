"""A whole run: what a caller may hand to `train`, and what only the first process does."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.solver.hooks.hook import Event, Hook, Run
from mycaffe_py.solver.run import Start, train
from tests.solver.tiny import tiny_job

EXTRA = "display: 4 snapshot: 6 test_iter: 2 test_interval: 6 iter_size: 2"


class Counts(Hook):
    """Counts what it is called for, and keeps the numbers of the batches."""

    def __init__(self) -> None:
        self.steps = 0
        self.batches: list[int] = []

    def after_forward(self, solver: Run, loss: float) -> None:
        self.batches.append(solver.net.run.batch_number)

    def after_step(self, solver: Run) -> None:
        self.steps += 1


class Writes(Hook):
    """A hook that writes; it keeps what it was told."""

    writes = True

    def __init__(self) -> None:
        self.events: list[Event] = []

    def told(self, solver: Run, event: Event) -> None:
        self.events.append(event)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """snapshot_prefix of the tiny solver is relative."""
    monkeypatch.chdir(tmp_path)


def test_hooks_of_the_caller_are_called_besides_those_of_every_run(tmp_path: Path) -> None:
    counts, writes = Counts(), Writes()
    train(tiny_job(tmp_path, EXTRA), Start(seed=1), hooks=[counts, writes])
    assert counts.steps == 12
    assert counts.batches == list(range(24))
    kinds = [event.kind for event in writes.events]
    assert kinds.count("display") == 4
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert (tmp_path / "snapshots/tiny_iter_12.caffemodel").is_file()
