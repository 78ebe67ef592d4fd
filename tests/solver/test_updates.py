"""Solver types against traces recorded from BVLC Caffe, and against their formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format

from mycaffe_py.engine.params import Params
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Param
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import FillerParameter, SolverParameter, SolverState
from mycaffe_py.solver.rates import learning_rate
from mycaffe_py.solver.updates import Updater, rules
from tests.reference import updates as reference

GOLDEN = Path(__file__).parent.parent / "golden" / "solvers"
UPDATES = 6


def make_params(
    shapes: dict[str, tuple[tuple[int, ...], float, float]], dtype: Any = np.float32
) -> Params:
    """Parameters by key, each with shape, lr_mult and decay_mult."""
    infos = [
        Param(key, "", shape, FillerParameter(), True, lr, decay)
        for key, (shape, lr, decay) in shapes.items()
    ]
    return Params(infos, dtype)


def tiny_gradients(w: dict[str, Any], x: Any, label: Any) -> dict[str, Any]:
    """InnerProduct, TanH, InnerProduct, SoftmaxWithLoss over 8 rows; the last bias is frozen."""
    h = np.tanh(x @ w["ip1/0"].T + w["ip1/1"])
    y = h @ w["ip2/0"].T + w["ip2/1"]
    p = np.exp(y - y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(x)), label.astype(int)] -= 1
    dy = p / len(x)
    dh = dy @ w["ip2/0"] * (1 - h * h)
    return {"ip1/0": dh.T @ x, "ip1/1": dh.sum(axis=0), "ip2/0": dy.T @ h}


@pytest.mark.parametrize("case", sorted(p.name for p in GOLDEN.iterdir()))
def test_weights_follow_caffe(case: str) -> None:
    trace = np.load(GOLDEN / case / "trace.npz")
    text = text_format.Parse((GOLDEN / case / "solver.prototxt").read_text(), SolverParameter())
    params = make_params(
        {
            "ip1/0": ((7, 5), 1, 1),
            "ip1/1": ((7,), 2, 0),
            "ip2/0": ((4, 7), 1, 1),
            "ip2/1": ((4,), 0, 1),
        }
    )
    updater = Updater(params, text, Locations.none())
    for key, value in params.values.items():
        value[...] = trace[f"w0/{key}"]
    step = 0
    for i in range(UPDATES):
        weights = {key: value.astype(np.float64) for key, value in params.values.items()}
        gradients = tiny_gradients(weights, trace["x"][i].astype(np.float64), trace["label"][i])
        for key, gradient in gradients.items():
            params.gradients[key][...] = gradient
        rate, step = learning_rate(text, i, step)
        updater.apply(rate, i)
        for key, value in params.values.items():
            wanted = trace[f"w{i + 1}/{key}"]
            np.testing.assert_allclose(value, wanted, rtol=2e-5, atol=1e-6)
            taken_off = trace[f"w{i}/{key}"].astype(np.float64) - wanted
            np.testing.assert_allclose(params.gradients[key], taken_off, rtol=1e-3, atol=1e-6)
        if i == 2:
            state = SolverState.FromString((GOLDEN / case / "snap_iter_3.solverstate").read_bytes())
            check_history(updater, state)
            assert state.current_step == step


def check_history(updater: Updater, state: SolverState) -> None:
    """For a frozen parameter Caffe keeps moments of its weight decay, which have no effect."""
    blobs = updater.history_blobs()
    assert len(blobs) == len(state.history)
    infos = updater.params.infos * (len(blobs) // len(updater.params.infos))
    for info, blob, saved in zip(infos, blobs, state.history, strict=True):
        assert blob.shape == tuple(saved.shape.dim)
        if info.lr_mult == 0:
            assert not blob.any()
            continue
        np.testing.assert_allclose(blob.ravel(), saved.data, rtol=2e-5, atol=1e-7)


FORMULAS: list[Any] = [
    ("AdaGrad", {"delta": 1e-3}, reference.adagrad, ("delta",)),
    ("RMSProp", {"rms_decay": 0.8, "delta": 1e-3}, reference.rmsprop, ("rms_decay", "delta")),
    ("AdaDelta", {"momentum": 0.8, "delta": 1e-3}, reference.adadelta, ("momentum", "delta")),
    (
        "AdamW",
        {"momentum": 0.8, "momentum2": 0.9, "delta": 1e-3, "adamw_decay": 0.1},
        reference.adamw,
        ("momentum", "momentum2", "delta"),
    ),
]


@pytest.mark.parametrize(("kind", "numbers", "twin", "options"), FORMULAS)
def test_three_updates_follow_the_formula(
    kind: str, numbers: dict[str, float], twin: Any, options: tuple[str, ...]
) -> None:
    text = SolverParameter(type=kind, weight_decay=0.05, iter_size=2, **numbers)
    params = make_params({"w": ((5,), 2, 3)}, np.float64)
    updater = Updater(params, text, Locations.none())
    draw = np.random.default_rng(0)
    params.values["w"][...] = wanted = draw.normal(size=5)
    histories = [(0.0,) * rules.get(kind).histories] * 5
    for number in range(1, 4):
        gradient = draw.normal(size=5)
        params.gradients["w"][...] = gradient
        extra = {name: getattr(text, name) for name in options}
        if kind == "AdamW":
            extra |= {"number": number, "decay": text.adamw_decay * 3}
        for i in range(5):
            g = reference.regularised(gradient[i], wanted[i], 0.5, text.weight_decay * 3, 0)
            wanted[i], histories[i] = twin(wanted[i], g, 0.1 * 2, histories[i], **extra)
        updater.apply(0.1, number - 1)
        np.testing.assert_allclose(params.values["w"], wanted, rtol=1e-12)


def test_clipping_looks_at_all_gradients_together() -> None:
    text = SolverParameter(clip_gradients=1)
    params = make_params({"a": ((1,), 1, 1), "b": ((1,), 1, 1), "frozen": ((1,), 0, 1)})
    updater = Updater(params, text, Locations.none())
    for key, gradient in (("a", 3.0), ("b", 4.0), ("frozen", 100.0)):
        params.gradients[key][...] = gradient
    updater.apply(1.0, 0)
    found = [float(params.values[key][0]) for key in ("a", "b", "frozen")]
    assert found == pytest.approx([-0.6, -0.8, 0.0])


def test_l1_pulls_by_a_constant_and_leaves_zero_alone() -> None:
    text = SolverParameter(weight_decay=0.5, regularization_type="L1")
    params = make_params({"w": ((3,), 1, 1)})
    params.values["w"][...] = [2.0, -2.0, 0.0]
    Updater(params, text, Locations.none()).apply(0.1, 0)
    assert params.values["w"] == pytest.approx([1.95, -1.95, 0.0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SolverParameter(type="Adm"), "unknown solver type 'Adm'. Did you mean 'Adam'?"),
        (SolverParameter(type="AdaGrad", momentum=0.9), "AdaGrad has no momentum"),
        (SolverParameter(momentum=1), "momentum is 1"),
        (SolverParameter(regularization_type="L3"), "unknown regularization_type 'L3'"),
    ],
)
def test_unusable_solver_texts_are_named(text: SolverParameter, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Updater(make_params({}), text, Locations.none())
