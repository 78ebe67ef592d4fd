"""Passes run for the user's data layers as long as the shapes stay; then the net is a plain one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text

MODULE = """
import numpy as np
from mycaffe_py.layers.user.python_layer import Layer


class Rows(Layer):
    def setup(self, bottom, top):
        self.sizes, self.batch = [int(n) for n in self.param_str.split()], 0

    def reshape(self, bottom, top):
        rows = self.sizes[min(self.batch, len(self.sizes) - 1)]
        for blob in top:
            blob.reshape(rows, 2, 9, 9)

    def forward(self, bottom, top):
        draw = np.random.default_rng(self.batch)
        for blob in top:
            blob.data[...] = draw.normal(size=blob.data.shape)
        self.batch += 1
"""
# A pair of branches of one weight, in front of each a picture; a mean that is kept; dropout.
TEXT = """
layer { name: "first" type: "Python" top: "x" top: "x_p"
  python_param { module: "rows" layer: "Rows" param_str: "SIZES" } }
layer { name: "second" type: "Python" top: "t"
  python_param { module: "rows" layer: "Rows" param_str: "OTHERS" } }
layer { name: "conv" type: "Convolution" bottom: "x" top: "y" param { name: "w" }
  param { name: "b" }
  convolution_param { num_output: 4 kernel_size: 2 weight_filler { type: "xavier" } } }
layer { name: "pool" type: "Pooling" bottom: "y" top: "z"
  pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "conv_p" type: "Convolution" bottom: "x_p" top: "y_p" param { name: "w" }
  param { name: "b" } convolution_param { num_output: 4 kernel_size: 2 } }
layer { name: "pool_p" type: "Pooling" bottom: "y_p" top: "z_p"
  pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "bn" type: "BatchNorm" bottom: "z" top: "n" }
layer { name: "drop" type: "Dropout" bottom: "n" top: "n" }
layer { name: "ip" type: "InnerProduct" bottom: "n" top: "f"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "ip_p" type: "InnerProduct" bottom: "z_p" top: "f_p"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "ip_t" type: "InnerProduct" bottom: "t" top: "g"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "EuclideanLoss" bottom: "f" bottom: "f_p" top: "loss" }
layer { name: "ip_s" type: "InnerProduct" bottom: "t" top: "h"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss_t" type: "EuclideanLoss" bottom: "g" bottom: "h" top: "loss_t" }
"""


def net_of(folder: Path, sizes: str, others: str, passes: Any, text: str = TEXT) -> Net:
    (folder / "rows.py").write_text(MODULE)
    text = text.replace("SIZES", sizes).replace("OTHERS", others)
    parsed = read_text(text, pb.NetParameter, str(folder / "net.prototxt"))
    text_read = NetText(parsed.message, parsed.locations, State(pb.TRAIN))
    graph = compile_net(text_read, seed=1, passes=passes)
    return Net(graph, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sizes", "others", "leaves"),
    [
        ("4", "4", None),
        ("4 4 6 4 4", "5", 2),
        ("4 3 3 4", "4 4 4 2 1", 1),
        ("2", "4 4 4 5", 3),
        ("1 4", "1 4", 1),
    ],
)
def test_batches_are_those_of_the_plain_net(
    tmp_path: Path, sizes: str, others: str, leaves: int | None
) -> None:
    fast = net_of(tmp_path, sizes, others, ALL_PASSES)
    plain = net_of(tmp_path, sizes, others, ())
    assert len(fast.graph.nodes) < len(plain.graph.nodes)
    for batch in range(5):
        for net in (fast, plain):
            net.clear_gradients()
        assert fast.forward(batch) == pytest.approx(plain.forward(batch), rel=1e-5)
        for name in ("x", "x_p", "t", "n", "f", "f_p", "g", "loss"):
            found, wanted = fast.blob(name), plain.blob(name)
            assert found.shape == wanted.shape
            np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
        for net in (fast, plain):
            net.backward()
        for key, wanted in plain.gradients.items():
            scale = np.abs(wanted).max()
            np.testing.assert_allclose(fast.gradients[key], wanted, rtol=1e-4, atol=1e-4 * scale)
        for key, wanted in plain.values.items():
            np.testing.assert_allclose(fast.values[key], wanted, rtol=1e-4, atol=1e-6)
        left = leaves is not None and batch >= leaves
        assert (len(fast.graph.nodes) == len(plain.graph.nodes)) == left


def test_after_it_left_the_bits_are_those_of_the_plain_net(tmp_path: Path) -> None:
    """The sources' batches are not taken twice, and weights stay the arrays they are."""
    fast = net_of(tmp_path, "4 2", "4 2", ALL_PASSES)
    plain = net_of(tmp_path, "4 2", "4 2", ())
    weights = dict(fast.values)
    for batch in range(3):
        fast.forward(batch), plain.forward(batch)
    assert all(fast.values[key] is array for key, array in weights.items())
    for name in ("x", "x_p", "t", "g", "f_p"):
        np.testing.assert_array_equal(fast.blob(name), plain.blob(name))


def test_a_layer_of_the_users_that_reads_is_not_taken_for_settled(tmp_path: Path) -> None:
    """Whatever stands before it has run, and would run twice."""
    text = TEXT + (
        'layer { name: "more" type: "Python" bottom: "f" top: "m" '
        'python_param { module: "rows" layer: "Rows" param_str: "4" } propagate_down: false }'
    )
    fast = net_of(tmp_path, "4", "4", ALL_PASSES, text)
    assert fast.graph.plain is None and not fast.graph.settled
