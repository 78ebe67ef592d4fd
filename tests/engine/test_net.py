"""A net whose blobs change their shapes after it was compiled."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import graph_of, inner_product, siamese

VISION = (
    'force_backward: true layer { name: "x" type: "Input" top: "x" '
    "input_param { shape { dim: 2 dim: 3 dim: 8 dim: 8 } } }\n"
    'layer { name: "conv" type: "Convolution" bottom: "x" top: "conv" convolution_param { '
    'num_output: 4 kernel_size: 3 weight_filler { type: "gaussian" } } }\n'
    'layer { name: "norm" type: "LRN" bottom: "conv" top: "norm" lrn_param { alpha: 0.5 } }\n'
    'layer { name: "act" type: "ReLU" bottom: "norm" top: "norm" }\n'
    'layer { name: "pool" type: "Pooling" bottom: "norm" top: "pool" '
    "pooling_param { kernel_size: 2 stride: 2 } }\n"
    'layer { name: "mean" type: "Pooling" bottom: "norm" top: "mean" '
    "pooling_param { pool: AVE global_pooling: true } }\n"
    'layer { name: "flat" type: "Flatten" bottom: "mean" top: "flat" }\n'
    + inner_product("ip", "flat", "ip")
)
SHAPES: list[Shape] = [
    (5, 3, 8, 8), (1, 3, 8, 8), (2, 3, 12, 9), (0, 3, 8, 8), (7, 3, 5, 16), (2, 3, 8, 8),
]  # fmt: skip


def _results(net: Net, shape: Shape) -> dict[str, Array]:
    """Everything a step makes of random numbers of this shape."""
    random = np.random.default_rng(int(np.prod(shape)))
    net.feed({"x": random.standard_normal(shape)})
    net.clear_gradients()
    net.forward()
    for name in net.graph.outputs:
        net.diffs[name][...] = random.standard_normal(net.diffs[name].shape)
    net.backward()
    blobs = {name: array.copy() for name, array in net.blobs.items()}
    diffs = {f"d{name}": array.copy() for name, array in net.diffs.items()}
    return blobs | diffs | {f"d{k}": v.copy() for k, v in net.gradients.items()}


def _fresh(shape: Shape) -> Net:
    dims = " ".join(f"dim: {extent}" for extent in shape)
    return Net(graph_of(VISION.replace("dim: 2 dim: 3 dim: 8 dim: 8", dims)), seed=1)


@pytest.mark.slow
def test_growing_and_shrinking_give_what_a_fresh_net_gives() -> None:
    net = Net(graph_of(VISION), seed=1)
    _results(net, (2, 3, 8, 8))
    for shape in SHAPES:
        net.reshape({"x": shape})
        assert net.graph.blobs["x"].shape == net.blob("x").shape == shape
        found = _results(net, shape)
        if 0 in shape:
            assert not any(found[f"d{key}"].any() for key in net.gradients)
            continue
        wanted = _results(_fresh(shape), shape)
        assert found.keys() == wanted.keys()
        for name, array in wanted.items():
            np.testing.assert_array_equal(found[name], array, err_msg=f"{name} of {shape}")


def test_what_keeps_its_shape_keeps_its_arrays() -> None:
    net = Net(graph_of(siamese()), seed=1)
    kept = [net.params.data, net.params.diff, *net.values.values(), *net.gradients.values()]
    weights = net.params.data.copy()
    loss, gradient, feat = net.blobs["loss"], net.diffs["loss"], net.blobs["feat"]
    net.diffs["loss"][...] = 3
    io = net.steps[3][1]
    net.reshape({"pair": (2, 2, 6, 6), "sim": (2,)})
    now = [net.params.data, net.params.diff, *net.values.values(), *net.gradients.values()]
    assert all(a is b for a, b in zip(kept, now, strict=True))
    np.testing.assert_array_equal(net.params.data, weights)
    assert net.blobs["loss"] is loss and net.diffs["loss"] is gradient
    assert float(gradient.sum()) == 3, "a gradient that was put there stays"
    assert net.blobs["feat"] is not feat and net.blobs["feat"].shape == (2, 2)
    assert net.steps[3][1] is io and io.bottoms[0] is net.blobs[net.steps[3][0].bottoms[0]]


def test_views_of_kept_arrays_stay_the_same() -> None:
    text = (
        'layer { name: "x" type: "Input" top: "x" top: "z" input_param { shape { dim: 2 dim: 6 } '
        "shape { dim: 3 } } }"
        'layer { name: "y" type: "Reshape" bottom: "x" top: "y" '
        "reshape_param { shape { dim: 3 dim: -1 } } }"
    )
    net = Net(graph_of(text))
    x, y = net.blobs["x"], net.blobs["y"]
    net.reshape({"z": (9,)})
    assert net.blobs["x"] is x and net.blobs["y"] is y
    net.reshape({"x": (6, 6)})
    assert net.blobs["y"].shape == (3, 12)
    assert np.shares_memory(net.blobs["x"], net.blobs["y"])


def test_state_of_another_shape_begins_anew() -> None:
    text = (
        'layer { name: "x" type: "Input" top: "x" top: "c" input_param { '
        "shape { dim: 2 dim: 3 dim: 4 } shape { dim: 2 dim: 3 } } }"
        'layer { name: "l" type: "LSTM" bottom: "x" bottom: "c" top: "y" '
        'recurrent_param { num_output: 2 weight_filler { type: "gaussian" } } }'
    )
    net = Net(graph_of(text), seed=1)
    x = np.random.default_rng(1).standard_normal((2, 3, 4))

    def run(rows: int) -> Array:
        net.feed({"x": x[:, :rows], "c": np.ones((2, rows))})
        net.forward()
        return net.blob("y").copy()

    first = run(3)
    assert not np.array_equal(run(3), first), "the state goes on from batch to batch"
    net.reshape({"x": (2, 2, 4), "c": (2, 2)})
    np.testing.assert_array_equal(run(2), first[:, :2])
    net.reshape({"x": (2, 3, 4), "c": (2, 3)})
    np.testing.assert_array_equal(run(3), first)


def test_after_a_mistake_nothing_has_changed() -> None:
    net = Net(graph_of(VISION), seed=1)
    wanted = _results(net, (2, 3, 8, 8))
    for wrong in ({"x": (2, 4, 8, 8)}, {"pool": (1, 1)}, {"nobody": (1,)}):
        with pytest.raises(UserError):
            net.reshape(wrong)
    found = _results(net, (2, 3, 8, 8))
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


def test_an_optimised_net_refuses_and_runs_on() -> None:
    net = Net(graph_of(siamese(), pb.TRAIN, passes=ALL_PASSES), seed=1)
    with pytest.raises(UserError, match="Compile it without passes to reshape it"):
        net.reshape({"pair": (9, 2, 6, 6), "sim": (9,)})
    assert net.blob("pair").shape == (4, 2, 6, 6)
    net.forward()
    net.backward()
