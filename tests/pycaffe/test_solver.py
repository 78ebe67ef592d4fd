"""Solvers for scripts, held against the formulas written out here in float64."""

import re
from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from mycaffe_py.solver.updates import Rule, rules
from tests.pycaffe.nets import LINE, write

X = np.array([[1, 2], [3, -1], [0, 1], [2, 2]], np.float32)
Y = np.array([[1], [0], [2], [3]], np.float32)
SOLVER = """
net: '{net}' base_lr: 0.1 lr_policy: 'fixed' max_iter: 6 {more}
snapshot_prefix: '{folder}/run' snapshot_after_train: false
"""
MOMENTUM = {"SGD": 0.9, "Nesterov": 0.9, "AdaDelta": 0.95, "Adam": 0.9}
CLASSES = {
    "SGD": caffe.SGDSolver,
    "Nesterov": caffe.NesterovSolver,
    "AdaGrad": caffe.AdaGradSolver,
    "RMSProp": caffe.RMSPropSolver,
    "AdaDelta": caffe.AdaDeltaSolver,
    "Adam": caffe.AdamSolver,
}


def text(folder, more="", net=LINE):
    return write(
        folder, SOLVER.format(net=write(folder, net), folder=folder, more=more), "a.solver"
    )


def with_data(solver):
    for net in [solver.net, *solver.test_nets]:
        net.blobs["x"].data[...] = X
        net.blobs["y"].data[...] = Y
    return solver


def sgd(folder, more="", net=LINE):
    return with_data(caffe.SGDSolver(text(folder, more, net)))


def gradients(w, b):
    """Of sum (x w + b - y)^2 / (2 N)."""
    gap = X.astype(float) @ w + b - Y[:, 0]
    return X.T.astype(float) @ gap / 4, gap.sum() / 4


class Slow:
    """One parameter of each solver type, as section 11 of the facts has it."""

    def __init__(self, kind, momentum):
        self.kind, self.m, self.h, self.k, self.t = kind, momentum, 0.0, 0.0, 0

    def update(self, g, rate):
        m, delta, self.t = self.m, 1e-8, self.t + 1
        before = self.h
        if self.kind in ("SGD", "Nesterov"):
            self.h = m * self.h + rate * g
            return self.h if self.kind == "SGD" else (1 + m) * self.h - m * before
        if self.kind == "AdaGrad":
            self.h = self.h + g**2
            return rate * g / (np.sqrt(self.h) + delta)
        if self.kind == "RMSProp":
            self.h = 0.99 * self.h + 0.01 * g**2
            return rate * g / (np.sqrt(self.h) + delta)
        if self.kind == "AdaDelta":
            self.h = m * self.h + (1 - m) * g**2
            v = g * np.sqrt((self.k + delta) / (self.h + delta))
            self.k = m * self.k + (1 - m) * v**2
            return rate * v
        self.h = m * self.h + (1 - m) * g
        self.k = 0.999 * self.k + 0.001 * g**2
        correction = np.sqrt(1 - 0.999**self.t) / (1 - m**self.t)
        return rate * correction * self.h / (np.sqrt(self.k) + delta)


@pytest.mark.parametrize("kind", CLASSES)
def test_each_class_is_its_algorithm(tmp_path: Path, kind) -> None:
    more = f"momentum: {MOMENTUM.get(kind, 0)} weight_decay: 0.01 type: 'Adam'"
    solver = with_data(CLASSES[kind](text(tmp_path, more)))
    weights, bias = solver.net.params["ip"]
    w, b = weights.data[0].astype(float), float(bias.data[0])
    slow_w, slow_b = Slow(kind, MOMENTUM.get(kind, 0)), Slow(kind, MOMENTUM.get(kind, 0))
    for _ in range(3):
        dw, db = gradients(w, b)
        step_w = slow_w.update(dw + 0.01 * w, 0.1)
        step_b = slow_b.update(db + 0.01 * b, 0.2)
        w, b = w - step_w, b - step_b
        solver.step(1)
        np.testing.assert_allclose(weights.data[0], w, rtol=2e-4, atol=1e-6)
        np.testing.assert_allclose(bias.data, [b], rtol=2e-4, atol=1e-6)
        np.testing.assert_allclose(weights.diff[0], step_w, rtol=2e-4, atol=1e-6)
        np.testing.assert_allclose(bias.diff, [step_b], rtol=2e-4, atol=1e-6)
    assert solver.iter == 3


@pytest.mark.parametrize("kind", [*CLASSES, "AdamW"])
def test_get_solver_obeys_the_text(tmp_path: Path, kind) -> None:
    more = f"type: '{kind}' momentum: {MOMENTUM.get(kind, 0)}"
    solver = caffe.get_solver(text(tmp_path, more))
    assert type(solver).__name__ == f"{kind}Solver"
    assert isinstance(solver, caffe.SGDSolver)
    solver.step(1)
    with pytest.raises(UserError, match="Did you mean 'Adam'"):
        caffe.get_solver(text(tmp_path, "type: 'Adan'"))


def test_every_solver_type_has_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those there are by name, and one that somebody registers later without any more ado."""
    assert {f"{kind}Solver" for kind in rules} <= set(caffe.__all__)
    for kind in rules:
        assert getattr(caffe, f"{kind}Solver")._type == kind
    monkeypatch.setattr(rules, "_entries", dict(rules._entries))
    monkeypatch.setattr(rules, "_lower", dict(rules._lower))
    rules.add("Plain", Rule(1, rules.get("SGD").apply))
    solver = with_data(caffe.get_solver(text(tmp_path, "type: 'plain'")))
    assert type(solver).__name__ == "PlainSolver"
    solver.step(1)
    assert solver.iter == 1


def test_solve_runs_to_the_end(tmp_path: Path) -> None:
    solver = sgd(tmp_path)
    assert solver.iter == 0
    solver.step(2)
    assert solver.iter == 2
    solver.solve()
    assert solver.iter == 6
    solver.solve()
    assert solver.iter == 6


def test_step_and_solve_are_one_way(tmp_path: Path) -> None:
    a, b = sgd(tmp_path, "momentum: 0.9"), sgd(tmp_path, "momentum: 0.9")
    a.solve()
    for _ in range(3):
        b.step(2)
    for mine, theirs in zip(a.net.params["ip"], b.net.params["ip"], strict=True):
        assert (mine.data == theirs.data).all()


def test_apply_update_takes_the_diffs_as_they_are(tmp_path: Path) -> None:
    solver = sgd(tmp_path)
    weights = solver.net.params["ip"][0].data
    before = weights.copy()
    solver.net.params["ip"][0].diff[...] = [[2, -1]]
    solver.apply_update()
    np.testing.assert_allclose(weights, before - [[0.2, -0.1]], rtol=1e-6)
    assert solver.iter == 1


def test_a_loop_of_ones_own(tmp_path: Path) -> None:
    a, b = sgd(tmp_path, "momentum: 0.9"), sgd(tmp_path, "momentum: 0.9")
    a.step(3)
    for _ in range(3):
        b.net.clear_param_diffs()
        b.net.forward()
        b.net.backward()
        b.apply_update()
    assert (a.net.params["ip"][0].data == b.net.params["ip"][0].data).all()


def test_parameters_that_do_not_learn_have_no_update(tmp_path: Path) -> None:
    solver = sgd(tmp_path, net=LINE.replace("lr_mult: 2", "lr_mult: 0"))
    solver.step(1)
    weights, bias = solver.net.params["ip"]
    assert weights.diff.any()
    assert not bias.diff.any()
    assert not bias.data.any()


def test_param_is_live(tmp_path: Path) -> None:
    solver = sgd(tmp_path, "display: 3")
    param = solver.param
    assert (param.max_iter, param.display, param.layer_wise_reduce) == (6, 3, True)
    assert param.base_lr == pytest.approx(0.1)
    param.base_lr = 0
    before = solver.net.params["ip"][0].data.copy()
    solver.step(1)
    assert (solver.net.params["ip"][0].data == before).all()


def test_lr_moves_multistep_on(tmp_path: Path) -> None:
    solver = sgd(tmp_path, "gamma: 0.5 stepvalue: 2 stepvalue: 4")
    solver.param.lr_policy = "multistep"
    rates = []
    for _ in range(6):
        rates.append(solver.lr)
        solver.step(1)
    assert rates == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025, 0.025])


def test_callbacks_come_once_an_iteration(tmp_path: Path) -> None:
    solver, told = sgd(tmp_path, "iter_size: 2"), []
    weights = solver.net.params["ip"][0]
    start = weights.data.copy()
    solver.add_callback(
        lambda: told.append(("start", bool(weights.diff.any()))),
        lambda: told.append(("ready", bool(weights.diff.any() and (weights.data == start).all()))),
    )
    passes = []
    solver.net.before_forward(lambda i: passes.append(i))
    solver.step(1)
    assert told == [("start", False), ("ready", True)]
    assert passes == [0, 1, 2, 0, 1, 2]


def test_a_callback_may_change_gradients(tmp_path: Path) -> None:
    solver = sgd(tmp_path)

    def drop():
        solver.net.clear_param_diffs()

    solver.add_callback(lambda: None, drop)
    before = solver.net.params["ip"][0].data.copy()
    solver.step(2)
    assert (solver.net.params["ip"][0].data == before).all()


def test_test_nets_work_on_the_same_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solver = sgd(tmp_path, "test_iter: 2 test_iter: 1 test_interval: 4")
    assert len(solver.test_nets) == 2
    for net in solver.test_nets:
        assert np.shares_memory(net.params["ip"][0].data, solver.net.params["ip"][0].data)
        assert not np.shares_memory(net.params["ip"][0].diff, solver.net.params["ip"][0].diff)
    losses = []
    solver.test_nets[0].after_forward(
        lambda i: losses.append(float(solver.test_nets[0].blobs["loss"].data)) if i == 2 else None
    )
    solver.step(6)
    assert losses[0] == losses[1] > losses[2] == losses[3]
    assert len(losses) == 4
    err = capsys.readouterr().err
    assert err.count("Testing net (#0)") == err.count("Testing net (#1)") == 2
    assert f"Test net output #0: loss = {losses[0]:g} (* 1 = {losses[0]:g} loss)" in err


def test_nets_outlive_the_solver(tmp_path: Path) -> None:
    solver = sgd(tmp_path, "test_iter: 1 test_interval: 4")
    nets = [solver.net, *solver.test_nets]
    del solver
    for net in nets:
        net.forward()
        net.backward()
        assert net.params["ip"][0].data.shape == (1, 2)


def test_display_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    solver = sgd(tmp_path, "display: 2 average_loss: 3")
    losses = []
    solver.net.after_forward(
        lambda i: losses.append(float(solver.net.blobs["loss"].data)) if i == 2 else None
    )
    solver.step(3)
    solver.step(2)
    lines = [line.split("] ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    # A step begins its own mean.
    means = {0: losses[0], 2: np.mean(losses[:3]), 4: np.mean(losses[3:5])}
    shown = [re.sub(r" \(.* iters\)", "", line) for line in lines if ", loss" in line]
    assert shown == [f"Iteration {i}, loss = {mean:g}" for i, mean in means.items()]
    assert [line for line in lines if ", lr" in line] == [
        f"Iteration {i}, lr = 0.1" for i in (0, 2, 4)
    ]
    assert f"    Train net output #0: loss = {losses[2]:g} (* 1 = {losses[2]:g} loss)" in lines


def test_seeds(tmp_path: Path) -> None:
    net = LINE.replace("value: 0.5", "type: 'gaussian'")

    def weights(more=""):
        return sgd(tmp_path, more, net).net.params["ip"][0].data

    assert (weights("random_seed: 4") == weights("random_seed: 4")).all()
    assert (weights("random_seed: 4") != weights("random_seed: 5")).any()
    caffe.set_solver_rank(1)
    try:
        ranked = weights("random_seed: 4")
    finally:
        caffe.set_solver_rank(0)
    assert (ranked == weights("random_seed: 5")).all()
    caffe.set_random_seed(11)
    first = weights()
    caffe.set_random_seed(11)
    assert (weights() == first).all()


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no solver"):
        caffe.SGDSolver(str(tmp_path / "none.solver"))
    with pytest.raises(UserError, match="momentum"):
        caffe.AdaGradSolver(text(tmp_path, "momentum: 0.9"))
