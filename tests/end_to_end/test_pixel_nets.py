"""Nets for classes and for pixels, whole, against numpy alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.model import Graph
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.upgrade import upgrade_net
from tests.end_to_end.small_nets import NETS, segnet
from tests.end_to_end.small_pixel_nets import PIXEL_NETS
from tests.graph.nets import graph_of
from tests.reference.nets import run

Array = npt.NDArray[Any]
# Arrays that stand near 1 and above 0, by type of layer: factors and variances.
_POSITIVE = {"BatchNorm": (1,), "Scale": (0,), "BN": (0, 3)}


def _graph(text: str, **options: object) -> Graph:
    net = upgrade_net(read_text(text, pb.NetParameter, "net.prototxt").message)
    return graph_of(str(net), pb.TEST, backward=False, **options)


def _values(graph: Graph) -> dict[str, list[Array]]:
    """Random arrays for each layer, of a size that lets no values grow or fade."""
    random = np.random.default_rng(0)
    found: dict[str, list[Array]] = {}
    for node in graph.nodes:
        for index, blob in enumerate(node.plan.params):
            if index in _POSITIVE.get(node.layer.type, ()):
                values = random.uniform(0.5, 1.5, blob.shape)
                # Divided by 2, the third array, they are variances from 1 to 3.
                values *= 4 if node.layer.type == "BatchNorm" else 1
            elif node.layer.type == "BatchNorm" and index == 2:
                values = np.full(blob.shape, 2.0)
            elif index or node.layer.type == "BatchNorm":
                values = random.normal(0, 0.1, blob.shape)
            else:
                values = random.normal(size=blob.shape) * np.sqrt(2 / np.prod(blob.shape[1:]))
            found.setdefault(node.name, []).append(values)
    return found


def _net(graph: Graph, values: dict[str, list[Array]], dtype: type, data: Array) -> Net:
    net = Net(graph, dtype=dtype, seed=1)
    for key, array in net.values.items():
        layer, index = key[:-1].rsplit("[", 1)
        array[...] = values[layer][int(index)]
    net.feed({"data": data})
    net.forward()
    return net


def _distance(found: Array, wanted: Array) -> float:
    """The largest difference, measured by the largest value where that is above 1."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max() / max(1.0, np.abs(wanted).max()))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NETS, *PIXEL_NETS])
def test_as_written_down_in_numpy(name: str) -> None:
    text = {**NETS, **PIXEL_NETS}[name]()
    plain = _graph(text)
    values = _values(plain)
    data = np.random.default_rng(1).normal(size=plain.blobs["data"].shape)
    layers = upgrade_net(read_text(text, pb.NetParameter, name).message).layer
    wanted = run(layers, values, {"data": data})
    compiled = _graph(text, passes=ALL_PASSES)
    assert len(compiled.nodes) < len(plain.nodes)
    exact = _net(compiled, values, np.float64, data)
    last = list(wanted)[-1]
    assert wanted[last].std() > 1e-3, "values must not fade, or nothing is compared"
    for blob in wanted:
        assert _distance(exact.blob(blob), wanted[blob]) < 1e-10, blob
    rough = _net(compiled, values, np.float32, data)
    assert _distance(rough.blob(last), wanted[last]) < 1e-4


@pytest.mark.slow
def test_bayesian_segnet_draws_anew_each_time() -> None:
    text = segnet("sample_weights_test: true")
    graph = _graph(text, passes=ALL_PASSES)
    data = np.random.default_rng(1).normal(size=graph.blobs["data"].shape)
    values = _values(_graph(text))
    net = _net(graph, values, np.float32, data)
    draws = [net.blob("prob").copy()]
    for number in range(1, 3):
        net.forward(number)
        draws.append(net.blob("prob").copy())
    assert all(np.abs(a - b).max() > 1e-3 for a, b in pairwise(draws))
    again = _net(graph, values, np.float32, data)
    np.testing.assert_array_equal(again.blob("prob"), draws[0])
