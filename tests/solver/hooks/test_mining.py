"""A mined loss that never has a triplet says so once a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.mining import NothingMined
from mycaffe_py.solver.solver import Solver
from tests.solver.tiny import tiny_job

NET = """
name: "mined"
input: "y" input_shape { dim: 8 }
layer { name: "x" type: "DummyData" top: "x"
  dummy_data_param { shape { dim: 8 dim: 5 } data_filler { type: "gaussian" } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "a"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "TripletLoss" bottom: "a" bottom: "y" top: "loss"
  triplet_loss_param { mining: BATCH_HARD margin: 0.5 } loss_param { ignore_label: 99 } }
"""
SOLVER = 'net: "tiny.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 9 display: 4'
APART = (0, 1, 2, 3, 4, 5, 6, 7)
ONE_PAIR = (0, 0, 2, 3, 4, 5, 6, 7)


class _Labels(Hook):
    """Gives every batch its labels, and hears."""

    def __init__(self, labels: Sequence[int], other: Sequence[int], at: int) -> None:
        self.labels, self.other, self.at = labels, other, at
        self.warnings: list[Event] = []

    def before_step(self, solver: Solver) -> None:
        labels = self.other if solver.iteration == self.at else self.labels
        solver.net.blob("y")[...] = labels

    def told(self, solver: Solver, event: Event) -> None:
        if event.kind == "warning":
            self.warnings.append(event)


def train(
    folder: Path,
    labels: Sequence[int],
    other: Sequence[int] = (),
    at: int = -1,
    solver: str = SOLVER,
) -> list[Event]:
    heard = _Labels(labels, other, at)
    job = tiny_job(folder, net=NET, solver=solver)
    build_solver(job, 1, (heard, Display(quiet=True), NothingMined())).solve()
    return heard.warnings


def test_it_is_said_at_each_display(tmp_path: Path) -> None:
    warnings = train(tmp_path, APART)
    assert [warning.iteration for warning in warnings] == [4, 8]
    assert warnings[1].figures["line"] == (
        "Warning: at iteration 8 layer 'loss' (TripletLoss, mining BATCH_HARD) has had no triplet "
        "in any of the last 4 batches, and learns nothing there: no batch holds two images of a "
        "class. Batches need several images of each of several classes."
    )


def test_most_batches_without_a_triplet_are_told_of_as_well(tmp_path: Path) -> None:
    """Classes drawn one after the other meet again where a round ends and the next begins."""
    warnings = train(tmp_path, APART, ONE_PAIR, at=6)
    assert [warning.iteration for warning in warnings] == [4, 8]
    assert (
        "has had no triplet in 3 of the last 4 batches, and learns nothing there: none of those "
        "holds two images of a class."
    ) in warnings[1].figures["line"]


def test_triplets_now_and_then_missing_are_no_word_worth(tmp_path: Path) -> None:
    assert train(tmp_path, ONE_PAIR, APART, at=6) == []


def test_one_class_alone_has_no_triplet_either(tmp_path: Path) -> None:
    assert "no batch holds images of two classes" in train(tmp_path, (3,) * 8)[0].figures["line"]
    ignored = train(tmp_path, (3, 3, 3, 99, 99, 99, 99, 99))
    assert "no batch holds images of two classes" in ignored[0].figures["line"]


def test_ignored_images_are_no_pair(tmp_path: Path) -> None:
    line = train(tmp_path, (0, 1, 2, 99, 99, 99, 99, 99))[0].figures["line"]
    assert "no batch holds two images of a class" in line


@pytest.mark.parametrize(("display", "told"), [("", [9]), ("display: 1", list(range(9)))])
def test_without_displays_at_the_end_and_with_each_iteration_at_each(
    tmp_path: Path, display: str, told: list[int]
) -> None:
    warnings = train(tmp_path, APART, solver=SOLVER.replace("display: 4", display))
    assert [warning.iteration for warning in warnings] == told
