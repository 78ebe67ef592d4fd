"""Calls that were looked up beforehand compute what layers compute one by one, bit by bit."""

from copy import copy
from dataclasses import replace
from pathlib import Path

import numba
import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.program import Program, _calls
from mycaffe_py.engine.step import Step
from mycaffe_py.layers import layer_types
from tests.benchmarks.small_net_texts import SMALL_NETS


@pytest.fixture
def made(tmp_path: Path):
    def made(name: str, phase: int = caffe.TEST) -> caffe.Net:
        path = tmp_path / "net.prototxt"
        path.write_text(SMALL_NETS[name])
        caffe.set_random_seed(3)
        net = caffe.Net(str(path), phase)
        fill(net)
        return net

    return made


def fill(net: caffe.Net) -> None:
    random = np.random.default_rng(len(net.blobs))
    data = net.blobs["data"].data
    data[...] = random.normal(size=data.shape)
    for blobs in net.params.values():
        for blob in blobs:
            blob.data[...] = random.normal(scale=0.3, size=blob.data.shape)


def one_by_one(net: caffe.Net) -> dict[str, np.ndarray]:
    """All blobs after each layer has run by itself."""
    for node, io in net._plain.steps:
        node.layer.forward(io)
    return {name: blob.data.copy() for name, blob in net.blobs.items()}


def assert_same(net: caffe.Net) -> None:
    wanted = one_by_one(net)
    for blob in list(net.blobs.values())[1:]:
        blob.data[...] = np.nan
    net.forward()
    for name, blob in net.blobs.items():
        np.testing.assert_array_equal(blob.data, wanted[name], name)


def program(net: Net) -> Program | None:
    return net._programs.of(range(len(net.steps)))


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("phase", [caffe.TEST, caffe.TRAIN])
@pytest.mark.parametrize("name", SMALL_NETS)
def test_small_nets_are_as_layer_by_layer(made, name: str, phase: int, threads: int) -> None:
    if threads > numba.config.NUMBA_NUM_THREADS:
        pytest.skip("there is one core")
    usual = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        net = made(name, phase)
        assert_same(net)
        fill(net)  # other values in the same arrays
        assert_same(net)
        assert numba.get_num_threads() == threads
    finally:
        numba.set_num_threads(usual)


def test_other_shapes_and_other_params_are_taken_up(made) -> None:
    net, other = made("12-net"), made("12-net")
    assert_same(net)
    net.blobs["data"].reshape(3, 3, 12, 12)
    net.reshape()
    fill(net)
    assert_same(net)
    for blob in other.params["fc2"]:
        blob.data[...] *= 2
    before = net.forward()["prob"].copy()
    net.share_with(other)
    assert_same(net)
    assert (net.blobs["prob"].data != before).any()


def test_a_12_net_is_one_call(made) -> None:
    net = made("12-net")
    net.forward()
    found = program(net._plain)
    assert found is not None
    assert len(found._parts) == 1


def test_a_stretch_of_layers_runs_by_itself(made) -> None:
    net = made("12-net")
    wanted = one_by_one(net)
    net.forward()
    net.blobs["fc2"].data[...] = 1
    net.forward(start="fc3")
    assert (net.blobs["prob"].data != wanted["prob"]).any()
    net.forward(start="fc2")
    np.testing.assert_array_equal(net.blobs["prob"].data, wanted["prob"])


def test_callbacks_are_called_once_there_are_some(made) -> None:
    net = made("12-net")
    net.forward()
    seen: list[int] = []
    net.after_forward(seen.append)
    net.forward()
    assert seen == list(range(len(net.layers)))


def test_a_layer_whose_forward_was_changed_runs_as_changed(made) -> None:
    net = made("12-net")
    step = net._plain.steps[1]
    assert _calls(step) is not None
    layer = copy(step.node.layer)
    vars(layer)["forward"] = lambda io: None
    assert _calls(Step(replace(step.node, layer=layer), step.io)) is None


def test_only_the_class_that_computes_says_what_it_calls(made) -> None:
    """A subclass that computes otherwise does not inherit the calls."""
    net = made("12-net")
    step = net._plain.steps[4]
    assert step.node.layer.type == "InnerProduct"
    plain = type(layer_types.get("InnerProduct"))
    other = type("Other", (plain,), {"forward": lambda self, io: None})()
    assert _calls(Step(replace(step.node, layer=other), step.io)) is None
