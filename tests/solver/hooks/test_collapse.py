"""A metric loss whose features lie on one point is told of, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.collapse import Collapse
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import tiny_job

NET = """
name: "pairs"
layer { name: "x" type: "DummyData" top: "x" top: "x2"
  dummy_data_param { shape { dim: 8 dim: 5 } data_filler { type: "gaussian" } } }
layer { name: "y" type: "DummyData" top: "y"
  dummy_data_param { shape { dim: 8 } data_filler { type: "constant" value: FLAG } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "a" param { name: "w" } param { name: "b" }
  inner_product_param { num_output: 3 weight_filler { FILLER } } }
layer { name: "ip_p" type: "InnerProduct" bottom: "x2" top: "b"
  param { name: "w" } param { name: "b" }
  inner_product_param { num_output: 3 weight_filler { FILLER } } }
LOSS
"""
CONTRASTIVE = """layer { name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "y"
  top: "loss" contrastive_loss_param { margin: 1 } }"""
TRIPLET = """layer { name: "loss" type: "TripletLoss" bottom: "a" bottom: "b" bottom: "b"
  top: "loss" triplet_loss_param { margin: 0.5 } }"""
SOLVER = """
net: "tiny.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 9 display: 2
"""
NARROW = 'type: "gaussian" std: 1e-4'


class _Heard(Hook):
    def __init__(self, widen: int = -1) -> None:
        self.widen = widen
        self.warnings: list[Event] = []

    def before_step(self, solver: Solver) -> None:
        if solver.iteration == self.widen:
            solver.params.values["ip[0]"][...] = np.eye(3, 5)
        elif self.widen >= 0 and solver.iteration == self.widen + 1:
            solver.params.values["ip[0]"][...] = 0

    def told(self, solver: Solver, event: Event) -> None:
        if event.kind == "warning":
            self.warnings.append(event)


def train(folder: Path, filler: str, loss: str, flag: int = 0, widen: int = -1) -> list[Event]:
    heard = _Heard(widen)
    text = NET.replace("FILLER", filler).replace("LOSS", loss).replace("FLAG", str(flag))
    job = tiny_job(folder, net=text, solver=SOLVER.replace("0.1", "1e-5"))
    build_solver(job, 1, (heard, Display(quiet=True), Collapse())).solve()
    return heard.warnings


@pytest.mark.parametrize("loss", [CONTRASTIVE, TRIPLET])
@pytest.mark.parametrize("filler", [NARROW, 'type: "constant" value: 0'])
def test_it_is_said_once_with_the_layer_and_a_remedy(
    tmp_path: Path, loss: str, filler: str
) -> None:
    (warning,) = train(tmp_path, filler, loss)
    assert warning.iteration == 2
    text = warning.figures["line"]
    assert text.startswith("Warning: at iteration 2 layer 'loss' (")
    assert "sits at its margin: its features lie on one point" in text
    assert "Begin anew with a lower base_lr (the rate is 1e-05)" in text


@pytest.mark.parametrize("loss", [CONTRASTIVE, TRIPLET])
def test_features_with_a_spread_are_no_collapse(tmp_path: Path, loss: str) -> None:
    assert train(tmp_path, 'type: "xavier"', loss) == []


def test_pairs_that_are_all_alike_may_lie_on_one_point(tmp_path: Path) -> None:
    assert train(tmp_path, NARROW, CONTRASTIVE, flag=1) == []


def test_it_is_said_again_after_a_recovery(tmp_path: Path) -> None:
    """Told at 2; wide at 4 alone; on one point at 6 and 8."""
    warnings = train(tmp_path, NARROW, CONTRASTIVE, widen=4)
    assert [warning.iteration for warning in warnings] == [2, 8]
