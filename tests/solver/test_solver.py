"""The loop: order of an iteration, batch numbers, iter_size, the seam for several processes."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.hook import Every, Hook
from mycaffe_py.solver.solver import Smoothed, Solver
from tests.solver.tiny import NET, tiny_job, tiny_solver


class Diary(Hook):
    """Writes down what it is called for."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def start(self, solver: Solver) -> None:
        self.lines.append("start")

    def before_step(self, solver: Solver) -> None:
        assert not solver.params.diff.any()
        self.lines.append(f"before {solver.iteration}")

    def after_forward(self, solver: Solver, loss: float) -> None:
        self.lines.append(f"batch {solver.net.run.batch_number}")

    def after_gradients(self, solver: Solver) -> None:
        assert solver.params.diff.any()
        self.lines.append(f"gradients {solver.iteration}")

    def after_step(self, solver: Solver) -> None:
        self.lines.append(f"after {solver.iteration}")
        solver.stopping = solver.iteration == 2

    def finish(self, solver: Solver) -> None:
        self.lines.append("finish")

    def close(self, solver: Solver) -> None:
        self.lines.append("close")


def test_order_of_an_iteration(tmp_path: Path) -> None:
    diary = Diary()
    tiny_solver(tmp_path, "iter_size: 2", diary).solve()
    assert diary.lines == [
        "start",
        *("before 0", "batch 0", "batch 1", "gradients 0", "after 1"),
        *("before 1", "batch 2", "batch 3", "gradients 1", "after 2"),
        "finish",
        "close",
    ]


TWINS = (
    """
layer { name: "pair" type: "DummyData" top: "pair"
  dummy_data_param { shape { dim: 19 dim: 12 } data_filler { type: "gaussian" } } }
layer { name: "any" type: "DummyData" top: "any"
  dummy_data_param { shape { dim: 19 } data_filler { type: "gaussian" } } }
layer { name: "sim" type: "Threshold" bottom: "any" top: "sim" }
layer { name: "slice" type: "Slice" bottom: "pair" top: "a" top: "b" }
"""
    + "".join(
        f"""
layer {{ name: "ip{end}" type: "InnerProduct" bottom: "{end}" top: "ip{end}"
  param {{ name: "iw" }} param {{ name: "ib" }}
  inner_product_param {{ num_output: 9 weight_filler {{ type: "xavier" }} }} }}
layer {{ name: "act{end}" type: "ReLU" bottom: "ip{end}" top: "ip{end}" }}
layer {{ name: "feat{end}" type: "InnerProduct" bottom: "ip{end}" top: "feat{end}"
  param {{ name: "fw" }} param {{ name: "fb" }}
  inner_product_param {{ num_output: 3 weight_filler {{ type: "xavier" }}
    bias_filler {{ type: "gaussian" }} }} }}
"""
        for end in ("a", "b")
    )
    + """
layer { name: "loss" type: "ContrastiveLoss" bottom: "feata" bottom: "featb" bottom: "sim"
  top: "loss" contrastive_loss_param { margin: 5 } }
"""
)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["Adam", "AdaGrad"])
def test_the_last_shared_bias_of_twins_never_moves(tmp_path: Path, kind: str, threads: int) -> None:
    """Its gradient is 0; both kinds would make whole steps of what rounding leaves of it."""
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before))
    momentum = "momentum: 0.9" if kind == "Adam" else ""
    rate = f'net: "tiny.prototxt" base_lr: 0.01 {momentum} lr_policy: "fixed" max_iter: 50 '
    job = tiny_job(tmp_path, f'type: "{kind}" snapshot_after_train: false', TWINS, rate)
    solver = build_solver(job, 1)
    bias, others = solver.params.values["feata[1]"].copy(), solver.params.values["ipa[1]"].copy()
    try:
        solver.solve()
    finally:
        numba.set_num_threads(before)
    assert bias.any()
    np.testing.assert_array_equal(solver.params.values["feata[1]"], bias)
    assert (solver.params.values["ipa[1]"] != others).all()


def test_hooks_are_closed_after_an_error(tmp_path: Path) -> None:
    class Fails(Hook):
        def before_step(self, solver: Solver) -> None:
            raise UserError("enough")

    diary = Diary()
    with pytest.raises(UserError):
        tiny_solver(tmp_path, "", diary, Fails()).solve()
    assert diary.lines[-1] == "close"


def test_iter_size_learns_from_the_mean_of_its_batches(tmp_path: Path) -> None:
    """Two batches at once move the weights half as far as both gradients of the first weights."""
    twice = tiny_solver(tmp_path, "iter_size: 2")
    before = twice.params.data.copy()
    gradients = np.zeros_like(before)
    for number in range(2):
        twice.net.forward(number)
        twice.net.backward()
    gradients += twice.params.diff
    twice.step()
    moved = (before - twice.params.data) / np.float32(twice.rate)
    np.testing.assert_allclose(moved, gradients / 2, atol=1e-5)


def test_smoothed_is_the_mean_of_the_last_losses() -> None:
    smoothed = Smoothed(3)
    found = []
    for loss in (1.0, 2.0, 6.0, 7.0):
        smoothed.add(loss)
        found.append(smoothed.value)
    assert found == [1.0, 1.5, 3.0, 5.0]


def test_every() -> None:
    assert [i for i in range(7) if Every(3)(i)] == [0, 3, 6]
    assert [i for i in range(7) if Every(3, at_zero=False)(i)] == [3, 6]
    assert not any(Every(0)(i) for i in range(7))


def test_seeds_make_runs_equal_or_different(tmp_path: Path) -> None:
    runs = [tiny_solver(tmp_path, seed=seed) for seed in (1, 1, 2)]
    for solver in runs:
        solver.solve()
    assert runs[0].params.data.tobytes() == runs[1].params.data.tobytes()
    assert runs[0].params.data.tobytes() != runs[2].params.data.tobytes()


def test_test_nets_work_on_the_weights_in_training(tmp_path: Path) -> None:
    solver = tiny_solver(tmp_path, "test_iter: 1 test_iter: 1 test_interval: 5")
    assert len(solver.test_nets) == 2
    solver.params.data[...] = 0
    for net in solver.test_nets:
        net.forward(0)
        assert not net.blob("y").any()


def test_a_net_without_a_loss_is_refused(tmp_path: Path) -> None:
    frozen = NET.replace('type: "EuclideanLoss"', 'include { phase: TEST } type: "EuclideanLoss"')
    with pytest.raises(UserError, match="has no loss that reaches a parameter"):
        build_solver(tiny_job(tmp_path, net=frozen), 1)


def test_a_net_without_parameters_is_refused(tmp_path: Path) -> None:
    # force_backward sends gradients back, but there is nothing that could learn from them.
    bare = """force_backward: true
    layer { name: "x" type: "DummyData" top: "x" top: "t"
      dummy_data_param { shape { dim: [2, 3] } } }
    layer { name: "loss" type: "EuclideanLoss" bottom: "x" bottom: "t" top: "loss" }"""
    with pytest.raises(UserError, match="has no loss that reaches a parameter"):
        build_solver(tiny_job(tmp_path, net=bare), 1)


def test_layers_of_one_name_must_agree_between_train_and_test(tmp_path: Path) -> None:
    other = NET.replace("num_output: 4", "num_output: 6")
    (tmp_path / "other.prototxt").write_text(other)
    solver = 'test_net: "other.prototxt" test_iter: 1 test_interval: 5'
    with pytest.raises(UserError) as error:
        build_solver(tiny_job(tmp_path, solver), 1)
    assert "layer 'ip1' has parameters [(6, 5), (6,)] in the TEST net" in str(error.value)
