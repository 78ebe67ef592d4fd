"""Layers in place one behind the other: refused, or with the gradients of tops of their own.

The rule is Caffe's: a layer may be overwritten unless its backward looks at what it has made.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from tests.graph.nets import graph_of

# Backward looks at the layer's own top; what is left of x in its place; the gradient needs x.
LOOK_AT_THEIR_TOP = ("ELU", "TanH", "Sigmoid", "Swish", "Exp", "Softmax", "MVN")
SIGNS = ("signs", "rectified")
KEPT = {
    **dict.fromkeys(("ReLU", "Leaky", "ELU", "TanH", "Swish", "Dropout"), SIGNS),
    "PReLU": ("rectified",),
    "GradientScaler": ("values", *SIGNS),
}
TRAINED = ("ReLU", "PReLU", "Dropout", "BatchNorm", "BN", "SegNet", "Scale", "Power")
LOST = ("Square", "Clip", "BNLL")

GAUSSIAN = '{ type: "gaussian" std: 0.7 }'
OPTIONS = {
    "ReLU": "",
    "Leaky": "relu_param { negative_slope: 0.1 }",
    "ELU": "",
    "PReLU": f"prelu_param {{ filler {GAUSSIAN} }}",
    "TanH": "",
    "Sigmoid": "",
    "Swish": "",
    "Exp": "exp_param { scale: 0.3 }",
    "Softmax": "",
    "Dropout": "",
    "BatchNorm": "",
    "BN": f"bn_param {{ slope_filler {GAUSSIAN} bias_filler {GAUSSIAN} }}",
    "SegNet": f"bn_param {{ bn_mode: INFERENCE scale_filler {GAUSSIAN} }}",
    "Scale": f"scale_param {{ bias_term: true filler {GAUSSIAN} bias_filler {GAUSSIAN} }}",
    "Bias": f"bias_param {{ filler {GAUSSIAN} }}",
    "Power": "power_param { scale: -0.5 shift: 0.3 }",
    "Square": "power_param { power: 2 shift: 0.3 }",
    "Clip": "clip_param { min: -0.5 max: 0.5 }",
    "BNLL": "",
    "GradientScaler": "gradient_scale_param { upper_bound: 1 alpha: 10 max_iter: 10 }",
}
TYPES = {"Leaky": "ReLU", "Square": "Power", "SegNet": "BN"}
FILTER = f"convolution_param {{ num_output: 4 kernel_size: 3 weight_filler {GAUSSIAN} }}"
DATA = (
    'layer { name: "data" type: "Input" top: "data" '
    "input_param { shape { dim: 3 dim: 2 dim: 6 dim: 6 } } }\n"
)
CONV = f'layer {{ name: "conv" type: "Convolution" bottom: "data" top: "x" {FILTER} }}\n'
END = (
    'layer { name: "ip" type: "InnerProduct" bottom: "%s" top: "ip" '
    f"inner_product_param {{ num_output: 3 weight_filler {GAUSSIAN} }} }}\n"
    'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 3 dim: 3 } } }\n'
    'layer { name: "loss" type: "EuclideanLoss" bottom: "ip" bottom: "t" top: "loss" }\n'
)


def _behind(kind: str, options: str = "", bottoms: str = 'bottom: "c"') -> str:
    first = CONV.replace('top: "x"', 'top: "c"')
    return first + f'layer {{ name: "made" type: "{kind}" {bottoms} top: "x" {options} }}\n'


_SECOND = 'bottom: "c" bottom: "c"'
MAKERS = {
    "Convolution": CONV,
    "InnerProduct": 'layer { name: "made" type: "InnerProduct" bottom: "data" top: "x" '
    f"inner_product_param {{ num_output: 5 weight_filler {GAUSSIAN} }} }}\n",
    "Pooling": _behind("Pooling", "pooling_param { kernel_size: 2 stride: 2 }"),
    "mean": _behind("Pooling", "pooling_param { pool: AVE kernel_size: 2 stride: 2 }"),
    "sum": _behind("Eltwise", bottoms=_SECOND),
    "product": _behind("Eltwise", "eltwise_param { operation: PROD }", _SECOND),
    "maximum": _behind("Eltwise", "eltwise_param { operation: MAX }", _SECOND),
    "Concat": _behind("Concat", bottoms=_SECOND),
    "LRN": _behind("LRN"),
    "MVN": _behind("MVN"),
    "Flatten": _behind("Flatten"),
    **{kind: _behind(TYPES.get(kind, kind), options) for kind, options in OPTIONS.items()},
}


def _chain(kinds: tuple[str, ...], maker: str, *, in_place: bool) -> str:
    text, blob = DATA + MAKERS[maker], "x"
    for number, kind in enumerate(kinds):
        top = blob if in_place else f"x{number}"
        text += (
            f'layer {{ name: "l{number}" type: "{TYPES.get(kind, kind)}" bottom: "{blob}" '
            f'top: "{top}" {OPTIONS[kind]} }}\n'
        )
        blob = top
    return text + END % blob


def _gradients(graph: Graph) -> list[np.ndarray]:
    """Loss and gradients of the second of two batches."""
    net = Net(graph, seed=2)
    draws = np.random.default_rng(0)
    for batch in range(2):
        for name in graph.inputs:
            net.blob(name)[...] = draws.normal(size=net.blob(name).shape)
        net.clear_gradients()
        loss = net.forward(batch)
        net.backward()
    return [np.array(loss), *(net.gradients[key] for key in sorted(net.gradients))]


def _refused(kinds: tuple[str, ...], maker: str) -> bool:
    """Whether Caffe would compute another gradient, by what its layers look at in backward."""
    looked_for = "values" if maker in LOOK_AT_THEIR_TOP else ""
    for kind in kinds:
        kept = KEPT.get(kind, ())
        if kind in LOST or (looked_for and looked_for not in kept):
            return True
        if kind in LOOK_AT_THEIR_TOP:
            looked_for = "values"
        elif kind in ("ReLU", "Leaky"):
            looked_for = "signs" if kind == "Leaky" or looked_for == "signs" else "rectified"
    return False


def _check(kinds: tuple[str, ...], maker: str) -> None:
    text = _chain(kinds, maker, in_place=True)
    if _refused(kinds, maker):
        with pytest.raises(UserError, match=r"in place on 'x'"):
            graph_of(text)
        return
    wanted = _gradients(graph_of(_chain(kinds, maker, in_place=False)))
    for passes in ((), ALL_PASSES):
        found = _gradients(graph_of(text, passes=passes))
        size = max(float(np.abs(w).max()) for w in wanted)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(
                one, other, rtol=1e-4, atol=2e-6 * size, err_msg=f"{maker} {kinds} {passes}"
            )


def test_every_pair_is_taken_or_refused_as_its_backward_asks() -> None:
    for kinds in product(OPTIONS, repeat=2):
        if _refused(kinds, "Convolution"):
            _check(kinds, "Convolution")


@pytest.mark.slow
@pytest.mark.parametrize("first", TRAINED)
def test_pairs_that_are_taken_have_the_gradients_of_tops_of_their_own(first: str) -> None:
    for second in TRAINED:
        _check((first, second), "Convolution")


@pytest.mark.slow
@pytest.mark.parametrize("maker", MAKERS)
def test_one_layer_in_place_behind_every_maker(maker: str) -> None:
    for kind in ("ReLU", "Scale"):
        _check((kind,), maker)


@pytest.mark.slow
def test_rows_of_three() -> None:
    """Those people train, those in which the third spoils the first, and some of all others."""
    known = [
        ("BatchNorm", "Scale", "ReLU"),
        ("BatchNorm", "Scale", "PReLU"),
        ("BN", "ReLU"),
        ("SegNet", "PReLU"),
        ("BatchNorm", "Scale", "ELU"),
        ("PReLU", "BatchNorm", "Scale"),
        ("ReLU", "Dropout", "Sigmoid"),
        ("ReLU", "PReLU", "Dropout"),
        ("Leaky", "ReLU", "PReLU"),
        ("Sigmoid", "GradientScaler", "BatchNorm"),
    ]
    every = list(product(OPTIONS, repeat=3))
    for kinds in [*known, *every[7::499]]:
        _check(kinds, "Convolution")
