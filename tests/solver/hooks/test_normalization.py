"""Train mode and test mode of BatchNorm: the trap, the warning, the remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.display import line
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.normalization import ModesPart
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import tiny_job

# The second loss pushes the biases of ip1 down, a step of the same size at every iteration, so what
# BatchNorm sees never stops moving.
NET = """
name: "moving"
layer { name: "x" type: "DummyData" top: "x"
  dummy_data_param { shape { dim: 200 dim: 5 } data_filler { type: "gaussian" } } }
layer { name: "ip1" type: "InnerProduct" bottom: "x" top: "h"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
layer { name: "push" type: "Reduction" bottom: "h" top: "push" loss_weight: 1
  reduction_param { operation: MEAN } }
layer { name: "norm" type: "BatchNorm" bottom: "h" top: "n" %s }
layer { name: "loss" type: "Reduction" bottom: "n" top: "loss" loss_weight: 1
  reduction_param { operation: SUMSQ coeff: 0.0001 } }
"""
SOLVER = """
net: "tiny.prototxt"
base_lr: 0.1
lr_policy: "fixed"
max_iter: 62
test_interval: 60
test_iter: 1
test_initialization: false
"""


class _Heard(Hook):
    def __init__(self) -> None:
        self.warnings: list[Event] = []

    def told(self, solver: Solver, event: Event) -> None:
        if event.kind == "warning":
            self.warnings.append(event)


def _train(
    folder: Path, options: str, solver: str = SOLVER, net: str = NET
) -> tuple[_Heard, Solver]:
    heard = _Heard()
    job = tiny_job(folder, net=net % options, solver=solver)
    made = build_solver(job, 1, (ModesPart(), heard))
    made.solve()
    return heard, made


def _apart(solver: Solver) -> float:
    """The outputs of both modes for the same data, compared number by number."""
    number = 1000
    test = solver.test_nets[0]
    test.forward(number)
    found = test.blob("n").astype(float)
    solver.net.forward(number)
    np.testing.assert_array_equal(solver.net.blob("x"), test.blob("x"))
    return float(np.sqrt(np.mean((solver.net.blob("n") - found) ** 2)))


def test_statistics_that_lag_behind_are_told_of_with_the_layer(tmp_path: Path) -> None:
    heard, solver = _train(tmp_path, "")
    (warning,) = heard.warnings
    assert warning.iteration == 60
    assert warning.figures["layer"] == "norm"
    assert "part ways at layer 'norm' (BatchNorm)" in line(warning)
    assert "lower moving_average_fraction" in line(warning)
    assert warning.figures["distance"] > 0.5
    # The weights have moved for two more steps of 62, and the batch is another.
    assert warning.figures["distance"] == pytest.approx(_apart(solver), rel=0.2)


def test_a_smaller_fraction_is_the_remedy(tmp_path: Path) -> None:
    heard, solver = _train(tmp_path, "batch_norm_param { moving_average_fraction: 0.5 }")
    assert not heard.warnings
    assert _apart(solver) < 0.5


def test_batches_added_up_count_as_several(tmp_path: Path) -> None:
    heard, solver = _train(tmp_path, "", SOLVER + "iter_size: 3")
    assert heard.warnings[0].figures["distance"] == pytest.approx(_apart(solver), rel=0.2)


def test_one_kind_of_statistics_in_both_modes_cannot_part(tmp_path: Path) -> None:
    heard, _ = _train(tmp_path, "batch_norm_param { use_global_stats: false }")
    assert not heard.warnings


def test_without_tests_nothing_is_looked_at(tmp_path: Path) -> None:
    quiet = SOLVER.replace("test_interval: 60", "test_interval: 0").replace("test_iter: 1", "")
    heard, _ = _train(tmp_path, "", quiet)
    assert not heard.warnings
