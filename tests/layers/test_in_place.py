"""Which layers may write over their bottom, and that those who may are right in a net."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

SHAPE = (2, 3, 2, 4)


def _net(kind: str, options: str, top: str) -> Net:
    text = f"""
        force_backward: true
        layer {{ name: "in" type: "Input" top: "x"
                 input_param {{ shape {{ dim: 2 dim: 3 dim: 2 dim: 4 }} }} }}
        layer {{ name: "tried" type: "{kind}" bottom: "x" top: "{top}" {options} }}
    """
    parsed = read_text(text, pb.NetParameter, "net.prototxt")
    return Net(compile_net(NetText(parsed.message, parsed.locations, State(pb.TRAIN))), seed=3)


@pytest.mark.parametrize("kind", ["AbsVal", "BNLL", "Clip", "Log", "MVN", "LRN"])
def test_gradient_needs_the_bottom(kind: str) -> None:
    with pytest.raises(UserError, match=rf"\({kind}\) cannot work in place on 'x'"):
        _net(kind, "clip_param { min: 0 max: 1 }" if kind == "Clip" else "", "x")


@pytest.mark.parametrize(
    "kind, options",
    [
        ("ELU", ""),
        ("Exp", "exp_param { base: 2 scale: 0.5 }"),
        ("Swish", ""),
        ("PReLU", "prelu_param { filler { value: -0.5 } }"),
        ("BatchNorm", ""),
        ("BatchNorm", "batch_norm_param { use_global_stats: true eps: 1 }"),
        ("Scale", 'scale_param { bias_term: true filler { type: "gaussian" } }'),
        ("Bias", 'bias_param { filler { type: "gaussian" } }'),
    ],
)
def test_the_same_numbers_in_place(kind: str, options: str) -> None:
    x, dy = np.random.default_rng(0).normal(size=(2, *SHAPE)).astype(np.float32)
    found = []
    for top in ("y", "x"):
        net = _net(kind, options, top)
        net.feed({"x": x})
        net.forward()
        y = net.blob(top).copy()
        net.diffs[top][...] = dy
        net.backward()
        found.append([y, net.diffs["x"], *net.gradients.values()])
    for apart, over in zip(*found, strict=True):
        # The compiler rounds differently where arrays overlap: the last bit may differ.
        np.testing.assert_allclose(over, apart, rtol=2e-6, atol=1e-6)


def test_elu_below_zero() -> None:
    with pytest.raises(UserError, match=r"alpha -1 in place.*another name than the bottom"):
        _net("ELU", "elu_param { alpha: -1 }", "x")
