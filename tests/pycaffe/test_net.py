"""Nets for scripts: how they are made, what they consist of, their memory and files."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.nets import FILLED, TWO_READERS, net, write

STATES = """
state { phase: TRAIN level: 7 stage: 'always' }
layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 } } }
layer { name: 'train' type: 'Power' bottom: 'x' top: 'train' include { phase: TRAIN } }
layer { name: 'test' type: 'Power' bottom: 'x' top: 'test' include { phase: TEST } }
layer { name: 'a' type: 'Power' bottom: 'x' top: 'a' include { stage: 'a' stage: 'always' } }
layer { name: 'high' type: 'Power' bottom: 'x' top: 'high' include { min_level: 2 } }
"""


# Constructors.


@pytest.mark.parametrize(
    ("phase", "options", "outputs"),
    [
        (caffe.TRAIN, {}, ["train"]),
        (caffe.TEST, {}, ["test"]),
        (caffe.TEST, {"stages": ["a"]}, ["a", "test"]),
        (caffe.TEST, {"level": 2}, ["high", "test"]),
        (caffe.TEST, {"level": 2, "stages": ["a", "b"]}, ["a", "high", "test"]),
    ],
)
def test_phase_level_and_stages(tmp_path: Path, phase, options, outputs: list[str]) -> None:
    assert net(tmp_path, STATES, phase, **options).outputs == outputs


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    good = write(tmp_path, FILLED)
    for arguments in (
        (str(tmp_path / "none.prototxt"), caffe.TEST),
        (good, caffe.TEST, 0, None, str(tmp_path / "none.caffemodel")),
        (good, str(tmp_path / "none.caffemodel"), caffe.TEST),
    ):
        with pytest.raises(RuntimeError, match="Could not open file"):
            caffe.Net(*arguments)


def test_weights_are_loaded_by_both_constructors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, file = write(tmp_path, FILLED), str(tmp_path / "a.caffemodel")
    first = caffe.Net(text, caffe.TRAIN)
    first.save(file)
    for other in (
        caffe.Net(text, caffe.TRAIN, weights=file),
        caffe.Net(text, file, caffe.TRAIN),
    ):
        for name, blobs in first.params.items():
            for mine, theirs in zip(blobs, other.params[name], strict=True):
                assert (mine.data == theirs.data).all()
    assert "DEPRECATION" in capsys.readouterr().err


@pytest.mark.parametrize("save", ["save", "save_hdf5"])
def test_weights_of_a_net_without_parameters(tmp_path: Path, save: str) -> None:
    text = TWO_READERS.split("layer {\n  name: 'ip'")[0]
    file = str(tmp_path / "none.caffemodel")
    getattr(net(tmp_path, text), save)(file)
    again = net(tmp_path, text, weights=file)
    again.copy_from(file)
    assert (again.forward(x=np.ones((2, 3)))["twice"] == 2).all()
    with pytest.raises(UserError, match="holds no weights"):
        net(tmp_path, TWO_READERS, weights=file)


# What it consists of.


def test_names_with_a_split(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    split, parts = "x_in_0_split", ["x_in_0_split_0", "x_in_0_split_1"]
    assert list(two._layer_names) == ["in", split, "double", "ip"]
    assert list(two.blobs) == ["x", *parts, "twice", "sum"] == list(two._blob_names)
    assert isinstance(two.blobs, OrderedDict)
    assert two.top_names == OrderedDict(
        [("in", ["x"]), (split, parts), ("double", ["twice"]), ("ip", ["sum"])]
    )
    assert two.bottom_names == OrderedDict(
        [("in", []), (split, ["x"]), ("double", parts[:1]), ("ip", parts[1:])]
    )
    assert (two.inputs, two.outputs) == (["x"], ["sum", "twice"])
    assert (two._inputs, two._outputs) == ([0], [4, 3])
    assert [two._top_ids(i) for i in range(4)] == [[0], [1, 2], [3], [4]]
    assert [two._bottom_ids(i) for i in range(4)] == [[], [0], [1], [2]]
    assert [layer.type for layer in two.layers] == ["Input", "Split", "Power", "InnerProduct"]
    assert list(two.layer_dict) == two._layer_names
    assert two.layer_dict["ip"] is two.layers[3]


def test_params_are_the_layers_blobs(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    assert list(filled.params) == ["conv", "ip"]
    shapes = [tuple(blob.shape) for blob in filled.params["conv"]]
    assert shapes == [(3, 2, 2, 2), (3,)]
    assert filled.params["conv"] is filled.layer_dict["conv"].blobs
    assert len(filled.layers[0].blobs) == 0


def test_dicts_are_made_once(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    for name in ("blobs", "params", "layer_dict", "top_names", "inputs", "blob_loss_weights"):
        assert getattr(filled, name) is getattr(filled, name)


def test_loss_weights(tmp_path: Path) -> None:
    text = FILLED.replace("top: 'loss'", "top: 'loss' loss_weight: 3")
    filled = net(tmp_path, text)
    assert dict(filled.blob_loss_weights) == {
        "data": 0, "label": 0, "conv": 0, "scores": 0, "loss": 3,
    }  # fmt: skip
    assert filled.blobs["loss"].diff == 3


def test_a_loss_without_a_top_has_caffes_name(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED.replace("top: 'loss'", ""))
    assert list(filled.blobs)[-1] == "(automatic)"
    assert filled.top_names["loss"] == ["(automatic)"]
    assert filled.outputs == []
    filled.forward()
    assert filled.blobs["(automatic)"].data > 0


# Memory.


def test_arrays_are_live_float32_views(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    held = {name: (blob.data, blob.diff) for name, blob in two.blobs.items()}
    held["x"][0][...] = [[1, 2, 3], [4, 5, 6]]
    two.forward()
    two.blobs["twice"].diff[...] = 1
    two.backward()
    assert held["twice"][0].tolist() == [[2, 4, 6], [8, 10, 12]]
    assert held["sum"][0].tolist() == [[6], [15]]
    assert (held["x"][1] == 2).all()
    assert all(array.dtype == np.float32 for pair in held.values() for array in pair)


def test_every_blob_has_a_gradient_of_its_shape(tmp_path: Path) -> None:
    for text in (FILLED, FILLED.replace("force_backward: true", ""), TWO_READERS):
        for blob in net(tmp_path, text).blobs.values():
            view = blob.diff
            assert view.shape == blob.data.shape
            view[...] = 3
            assert (blob.diff == 3).all()


def test_blobs_outlive_the_net(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    filled.forward()
    blobs = [*filled.blobs.values(), *filled.params["conv"]]
    arrays = [array for blob in blobs for array in (blob.data, blob.diff)]
    wanted = [array.copy() for array in arrays]
    del filled
    for blob, array in zip([b for b in blobs for _ in range(2)], arrays, strict=True):
        assert array.shape == blob.shape
    for array, copy in zip(arrays, wanted, strict=True):
        assert (array == copy).all()


# Parameters and files.


def test_share_with_shares_values_and_not_gradients(tmp_path: Path) -> None:
    a, b = net(tmp_path, FILLED, caffe.TRAIN), net(tmp_path, FILLED)
    b.share_with(a)
    a.params["ip"][0].data[...] = 0
    a.params["ip"][1].data[...] = (1, 2, 3, 4)
    assert (b.forward(blobs=["scores"])["scores"] == [1, 2, 3, 4]).all()
    b.backward()
    assert b.params["ip"][1].diff.any()
    assert not a.params["ip"][1].diff.any()


def test_share_with_refuses_other_shapes(tmp_path: Path) -> None:
    a = net(tmp_path, FILLED)
    b = net(tmp_path, FILLED.replace("num_output: 4", "num_output: 5"))
    before = b.params["conv"][0].data.copy()
    with pytest.raises(UserError, match="'ip'"):
        b.share_with(a)
    assert (b.params["conv"][0].data == before).all()
    a.params["conv"][0].data[...] = 1
    assert (b.params["conv"][0].data == before).all()


def test_one_parameter_in_two_layers(tmp_path: Path) -> None:
    text = TWO_READERS.replace(
        "layer { name: 'double' type: 'Power' bottom: 'x' top: 'twice' power_param { scale: 2 } }",
        "layer { name: 'ip0' type: 'InnerProduct' bottom: 'x' top: 'first' param { name: 'w' } "
        "inner_product_param { num_output: 1 bias_term: false } }",
    ).replace("top: 'sum'", "top: 'sum' param { name: 'w' }")
    shared = net(tmp_path, text)
    one, two = shared.params["ip0"][0], shared.params["ip"][0]
    one.data[...] = 5
    assert (two.data == 5).all()
    shared.forward(x=np.ones((2, 3)))
    shared.backward(first=np.ones((2, 1)), sum=np.ones((2, 1)))
    assert (one.diff == 4).all()
    assert np.shares_memory(one.diff, two.diff)


@pytest.mark.parametrize("kind", ["binary", "hdf5"])
def test_weights_go_through_a_file(tmp_path: Path, kind: str) -> None:
    if kind == "hdf5":
        pytest.importorskip("h5py")
    a, b = net(tmp_path, FILLED), net(tmp_path, FILLED)
    file = tmp_path / "weights"
    (a.save if kind == "binary" else a.save_hdf5)(str(file))
    held = b.params["conv"][0].data
    b.params["ip"][0].data[...] = 0
    (b.copy_from if kind == "binary" else b.load_hdf5)(str(file))
    for name, blobs in a.params.items():
        for mine, theirs in zip(blobs, b.params[name], strict=True):
            assert (mine.data == theirs.data).all()
    assert (held == a.params["conv"][0].data).all()
    if kind == "hdf5":
        b.params["ip"][0].data[...] = 0
        b.copy_from(file)
        assert (b.params["ip"][0].data == a.params["ip"][0].data).all()
    with pytest.raises(RuntimeError, match="Could not open file"):
        b.copy_from(str(tmp_path / "none"))


def test_a_subclass_is_made_like_a_net(tmp_path: Path) -> None:
    class Mine(caffe.Net):
        def __init__(self, file):
            caffe.Net.__init__(self, file, caffe.TEST)

    assert Mine(write(tmp_path, TWO_READERS)).inputs == ["x"]
