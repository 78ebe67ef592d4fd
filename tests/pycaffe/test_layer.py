"""The layers of a net, and those whose code is a script's."""

from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.layers.user.python_error import UserCodeError
from mycaffe_py.pycaffe.user_code import as_raised
from tests.pycaffe.nets import PICTURES, net

LAYERS = """
import mycaffe_py.pycaffe as caffe

class Times(caffe.Layer):
    def setup(self, bottom, top):
        self.blobs.add_blob(2)
        self.blobs[0].data[...] = float(self.param_str)
        self.calls = []

    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom, top):
        self.calls.append("forward")
        top[0].data[...] = bottom[0].data * self.blobs[0].data[0]

    def backward(self, top, propagate_down, bottom):
        self.blobs[0].diff[0] += (top[0].diff * bottom[0].data).sum()
        if propagate_down[0]:
            bottom[0].diff[...] = top[0].diff * self.blobs[0].data[0]

class Rows(caffe.Layer):
    rows = 0

    def setup(self, bottom, top):
        pass

    def reshape(self, bottom, top):
        self.rows += 1
        top[0].reshape(self.rows, 2)

    def forward(self, bottom, top):
        top[0].data[...] = self.rows

class Bad(caffe.Layer):
    def setup(self, bottom, top):
        if self.param_str == "setup":
            raise KeyError("setup")

    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom, top):
        if self.param_str == "forward":
            raise KeyError("forward")

    def backward(self, top, propagate_down, bottom):
        raise KeyError("backward")
"""
PYTHON = """
force_backward: true
layer {{ name: 'in' type: 'Input' top: 'x' input_param {{ shape {{ dim: 2 dim: 2 }} }} }}
layer {{
  name: 'mine' type: 'Python' bottom: 'x' top: 'y'
  python_param {{ module: '{module}' layer: '{layer}' param_str: '{text}' }}
}}
"""
VARYING = """
layer {{ name: 'rows' type: 'Python' top: 'x' python_param {{ module: '{module}' layer: 'Rows' }} }}
layer {{
  name: 'ip' type: 'InnerProduct' bottom: 'x' top: 'y'
  inner_product_param {{ num_output: 1 weight_filler {{ value: 1 }} }}
}}
"""


@pytest.fixture
def module(tmp_path):
    """A module of a name of its own: python keeps modules by name."""
    name = "layers_" + tmp_path.name
    (tmp_path / f"{name}.py").write_text(LAYERS)
    return name


def python_net(folder, module, layer="Times", text="3"):
    return net(folder, PYTHON.format(module=module, layer=layer, text=text), caffe.TRAIN)


def test_builtin_layers(tmp_path: Path) -> None:
    pictures = net(tmp_path, PICTURES)
    assert [layer.type for layer in pictures.layers] == ["Input", "Convolution", "ReLU"]
    assert [blob.shape for blob in pictures.layers[1].blobs] == [(2, 1, 3, 3), (2,)]
    pictures.layers[1].setup([], [])
    pictures.blobs["x"].reshape(1, 1, 3, 3)
    pictures.layers[1].reshape([pictures.blobs["x"]], [pictures.blobs["conv"]])
    assert pictures.blobs["conv"].shape == (1, 2, 1, 1)


def test_the_object_of_a_python_layer(tmp_path: Path, module) -> None:
    python = python_net(tmp_path, module)
    mine = python.layers[1]
    assert isinstance(mine, caffe.Layer)
    assert (mine.type, mine.param_str, mine.phase) == ("Python", "3", caffe.TRAIN)
    assert python.layer_dict["mine"] is mine
    python.forward()
    assert mine.calls == ["forward"]


def test_its_parameters_are_the_nets(tmp_path: Path, module) -> None:
    python, file = python_net(tmp_path, module), tmp_path / "w"
    (blob,) = python.params["mine"]
    assert blob is python.layers[1].blobs[0]
    assert blob.data.tolist() == [3, 3]
    blob.data[...] = 5
    assert (python.forward(x=np.ones((2, 2)))["y"] == 5).all()
    found = python.backward(y=np.full((2, 2), 2))
    assert (found["x"] == 10).all()
    assert blob.diff.tolist() == [8, 0]
    python.clear_param_diffs()
    assert not blob.diff.any()
    python.save(file)
    other = python_net(tmp_path, module)
    other.copy_from(file)
    assert other.params["mine"][0].data.tolist() == [5, 5]
    third = python_net(tmp_path, module)
    third.share_with(python)
    blob.data[...] = 7
    assert third.params["mine"][0].data.tolist() == [7, 7]
    assert (third.forward(x=np.ones((2, 2)))["y"] == 7).all()


def test_tops_of_another_shape_in_every_batch(tmp_path: Path, module) -> None:
    varying = net(tmp_path, VARYING.format(module=module))
    blob = varying.blobs["y"]
    for _ in range(3):
        rows = varying.layers[0].rows + 1
        found = varying.forward()["y"]
        assert found.shape == (rows, 1) == blob.shape == blob.diff.shape
        assert (found == 2 * rows).all()
        assert varying.blobs["x"].shape == (rows, 2)


@pytest.mark.parametrize("when", ["setup", "forward", "backward"])
def test_its_errors_come_out_unchanged(tmp_path: Path, module, when: str) -> None:
    def run():
        python = python_net(tmp_path, module, "Bad", when)
        python.forward()
        python.backward()

    with pytest.raises(KeyError, match=when) as found:
        run()
    assert type(found.value) is KeyError
    assert found.traceback[-1].path.name == f"{module}.py"


def test_as_raised_leaves_other_errors_alone() -> None:
    with pytest.raises(ZeroDivisionError), as_raised():
        _ = 1 / 0
    with pytest.raises(UserCodeError), as_raised():
        raise UserCodeError("without a cause")
