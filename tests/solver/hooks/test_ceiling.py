"""A loss of logarithms that sits at -log(FLT_MIN) is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.ceiling import CEILING, Ceiling
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import tiny_job

NET = """
name: "wrong"
layer { name: "x" type: "DummyData" top: "x" top: "label"
  dummy_data_param { shape { dim: 4 dim: 3 } shape { dim: 4 }
    data_filler { value: 1 } data_filler { value: 0 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"
  inner_product_param { num_output: 2 bias_term: false weight_filler { value: 0 } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss"
  loss_weight: 2 }
"""


class Steps(Hook):
    """Makes the right class impossible in these iterations, and keeps the warnings."""

    def __init__(self, wrong: range) -> None:
        self.wrong = wrong
        self.lines: list[tuple[int, str]] = []

    def before_step(self, solver: Solver) -> None:
        weights = solver.params.values["ip[0]"]
        weights[...] = 0
        weights[1] = 100 if solver.iteration in self.wrong else 0

    def told(self, solver: Solver, event: Event) -> None:
        if event.kind == "warning":
            self.lines.append((event.iteration, event.figures["line"]))


def train(folder: Path, wrong: range, display: int = 3) -> list[tuple[int, str]]:
    steps = Steps(wrong)
    job = tiny_job(folder, f"display: {display} random_seed: 1", net=NET)
    build_solver(job, 1, [steps, Display(), Ceiling()]).solve()
    return steps.lines


def test_the_ceiling_is_what_caffe_shows() -> None:
    assert pytest.approx(87.3365, abs=5e-5) == CEILING


def test_a_whole_display_at_the_ceiling_is_said_once(tmp_path: Path) -> None:
    ((iteration, line),) = train(tmp_path, range(12))
    assert iteration == 3
    assert line.startswith(
        "Warning: at iteration 3 layer 'loss' (SoftmaxWithLoss) has sat at its ceiling of 87.3365"
    )


def test_a_display_with_one_batch_below_it_is_none(tmp_path: Path) -> None:
    assert [iteration for iteration, _ in train(tmp_path, range(2, 9))] == [6]
    assert train(tmp_path, range(4, 6)) == []


def test_without_displays_the_end_says_it(tmp_path: Path) -> None:
    assert [iteration for iteration, _ in train(tmp_path, range(12), display=0)] == [12]
