"""The snapshot of the best test is kept, and a run that gets no better ends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.best import Best
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.keep_best import KeepBest
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import NET, tiny_job

ACCURACY = """
layer { name: "cut" type: "Reduction" bottom: "x" top: "label" include { phase: TEST }
  reduction_param { axis: 1 coeff: 0 } }
layer { name: "score" type: "Accuracy" bottom: "y" bottom: "label" top: "score"
  include { phase: TEST } }
"""
TESTED = "test_iter: 1 test_interval: 2 snapshot_after_train: false "


class Told(Hook):
    """Tells tests of these figures, one before every second step."""

    def __init__(self, output: str, figures: Sequence[float]) -> None:
        self.output = output
        self.figures = figures

    def before_step(self, solver: Solver) -> None:
        place, rest = divmod(solver.iteration, 2)
        if not rest and place < len(self.figures):
            outputs = {self.output: self.figures[place]}
            solver.tell(Event("test", solver.iteration, {"net": 0, "outputs": outputs}))


def run(folder: Path, extra: str, figures: Sequence[float], output: str = "score") -> Solver:
    job = tiny_job(folder, TESTED + extra, net=NET + ACCURACY)
    snapshot = WriteSnapshots(folder / "t")
    solver = build_solver(job, 1, [Told(output, figures), KeepBest(snapshot), snapshot])
    solver.solve()
    return solver


def kept(folder: Path) -> list[int]:
    return sorted(SnapshotFiles.beside(path).iteration for path in folder.glob("t_iter_*.run.json"))


def best(solver: Solver) -> tuple[int, float | None, int, int]:
    assert solver.record.best is not None
    return (
        solver.record.best.iteration,
        solver.record.best.value,
        solver.record.best.tests,
        solver.record.best.since,
    )


def test_the_best_accuracy_is_the_highest_and_its_snapshot_stays(tmp_path: Path) -> None:
    solver = run(tmp_path, 'keep_best: "score"', [0.1, 0.5, 0.4, float("nan"), 0.5, 0.3])
    assert best(solver) == (2, 0.5, 6, 4)
    assert kept(tmp_path) == [2]
    card = RunCard.read(SnapshotFiles.of(tmp_path / "t", 2).card)
    assert card.best is not None and card.best.iteration == 2 and card.best.passed == (0,)


def test_the_best_loss_is_the_lowest(tmp_path: Path) -> None:
    solver = run(tmp_path, 'keep_best: "loss"', [3.0, 2.0, 2.5], "loss")
    assert best(solver) == (2, 2.0, 3, 1)


def test_regular_snapshots_and_those_with_more_files_stay(tmp_path: Path) -> None:
    enrolled = tmp_path / "t_iter_2.enrolled.json"
    enrolled.write_text("{}")
    run(tmp_path, 'keep_best: "score" snapshot: 4', [0.1, 0.2, 0.3, 0.4, 0.5])
    assert kept(tmp_path) == [2, 4, 8, 12]


def test_a_run_ends_after_so_many_tests_that_were_no_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solver = run(tmp_path, "patience: 2", [0.1, 0.5, 0.5, 0.4, 0.9])
    assert (solver.iteration, solver.stopping) == (6, False)
    assert solver.enough == (
        "Early stop: score was no better in 2 tests; the best is 0.5 at iteration 2 "
        "(--patience 0 goes on)"
    )
    assert kept(tmp_path) == []


def test_tests_without_a_figure_count_too(tmp_path: Path) -> None:
    solver = run(tmp_path, "patience: 3", [float("nan")] * 5)
    assert solver.iteration == 4
    assert "the best is none" in solver.enough


def test_a_resumed_run_keeps_best_and_count(tmp_path: Path) -> None:
    """The test of the resumed iteration happens again and was counted before."""
    job = tiny_job(tmp_path, TESTED + 'keep_best: "score" patience: 3', net=NET + ACCURACY)
    snapshot = WriteSnapshots(tmp_path / "t")
    solver = build_solver(
        job, 1, [Told("score", [0, 0, 0.2, 0.9, 0.8]), KeepBest(snapshot), snapshot]
    )
    solver.iteration = 4
    solver.record.best = Best("score", 0, 0.5, 2, tested=4, tests=3, since=1)
    solver.solve()
    assert best(solver) == (6, 0.9, 5, 1)
    assert kept(tmp_path) == [6]


def test_a_run_that_had_ended_early_ends_again(tmp_path: Path) -> None:
    job = tiny_job(tmp_path, TESTED + "patience: 3", net=NET + ACCURACY)
    solver = build_solver(job, 1, [KeepBest(WriteSnapshots(tmp_path / "t"))])
    solver.iteration = 8
    solver.record.best = Best("score", 0, 0.5, 2, tested=8, tests=5, since=3)
    solver.solve()
    assert solver.iteration == 8 and solver.enough


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ('keep_best: "scor"', "no TEST net has an output 'scor'.*Did you mean 'score'"),
        ('keep_best: "score#3"', "no TEST net has an output 'score#3'"),
        ('keep_best: "y"', "no TEST net has an output 'y'"),
    ],
)
def test_an_output_that_is_not_there_is_named(tmp_path: Path, extra: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as error:
        run(tmp_path, extra, [])
    assert error.value.where is not None and error.value.where.line > 0


def test_without_tests_nothing_is_best(tmp_path: Path) -> None:
    job = tiny_job(tmp_path, "patience: 2")
    with pytest.raises(UserError, match="patience without tests"):
        build_solver(job, 1, [KeepBest(WriteSnapshots(tmp_path / "t"))]).solve()


def test_of_several_test_nets_one_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for wanted, net in (("score", 0), ("score#1", 1)):
        extra = f'keep_best: "{wanted}" test_iter: 1 test_interval: 4 test_iter: 1'
        job = tiny_job(tmp_path, extra, net=NET + ACCURACY)
        solver = build_solver(job, 1, [KeepBest(WriteSnapshots(tmp_path / "t"))])
        solver.solve()
        assert solver.record.best is not None and solver.record.best.net == net
    assert capsys.readouterr().out.count("told by 'score' of TEST net 0") == 1
