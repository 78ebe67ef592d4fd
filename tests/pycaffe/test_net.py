"""Nets for scripts: what they consist of, running them whole and in parts, their files."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.nets import FILLED, LINE, PICTURES, TWO_READERS, net, write

STATES = """
state { phase: TRAIN level: 7 stage: 'always' }
layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 } } }
layer { name: 'train' type: 'Power' bottom: 'x' top: 'train' include { phase: TRAIN } }
layer { name: 'test' type: 'Power' bottom: 'x' top: 'test' include { phase: TEST } }
layer { name: 'a' type: 'Power' bottom: 'x' top: 'a' include { stage: 'a' stage: 'always' } }
layer { name: 'high' type: 'Power' bottom: 'x' top: 'high' include { min_level: 2 } }
"""


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


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


# Running.


def test_forward_fills_inputs_and_returns_outputs(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    found = two.forward(x=np.ones((2, 3)), blobs=["x"])
    assert set(found) == {"sum", "twice", "x"}
    assert (found["twice"] == 2).all()
    assert found["sum"].tolist() == [[3], [3]]
    assert np.shares_memory(found["sum"], two.blobs["sum"].data)
    assert two.forward(x=np.full((2, 1), 2))["sum"].tolist() == [[6], [6]]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda two: two.forward(y=np.ones((2, 3))), "do not match net inputs"),
        (lambda two: two.forward(x=np.ones((3, 3))), "not batch sized"),
        (lambda two: two.backward(sum=np.ones((2, 1))), "do not match net outputs"),
        (
            lambda two: two.backward(sum=np.ones((3, 1)), twice=np.ones((2, 3))),
            "not batch sized",
        ),
        (lambda two: two.forward(start="inn"), "Did you mean 'in'"),
        (lambda two: two.forward(end="none"), "no layer 'none'"),
        (lambda two: two.forward(blobs=["twise"]), "Did you mean 'twice'"),
        (lambda two: two._forward(0, 4), "layers 0 to 3"),
        (lambda two: two._backward(3, -1), "layers 0 to 3"),
    ],
)
def test_mistakes(tmp_path: Path, call, told: str) -> None:
    with pytest.raises(UserError, match=told):
        call(net(tmp_path, TWO_READERS))


def test_forward_of_some_layers(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    values = np.random.default_rng(1).normal(size=(5, 3, 2, 3))
    filled.blobs["conv"].data[...] = values
    found = filled.forward(start="ip", end="ip", blobs=["conv"])
    assert set(found) == {"scores", "conv"}
    weights, bias = (blob.data for blob in filled.params["ip"])
    wanted = values.reshape(5, -1) @ weights.T.astype(float) + bias
    np.testing.assert_allclose(found["scores"], wanted, rtol=1e-5, atol=1e-5)


def test_backward_of_some_layers(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    filled.forward()
    diff = np.random.default_rng(1).normal(size=(5, 4))
    filled.blobs["scores"].diff[...] = diff
    found = filled.backward(start="ip", end="ip", diffs=["scores"])
    assert set(found) == {"conv", "scores"}
    wanted = (diff @ filled.params["ip"][0].data.astype(float)).reshape(5, 3, 2, 3)
    np.testing.assert_allclose(found["conv"], wanted, rtol=1e-5, atol=1e-5)
    assert not filled.blobs["data"].diff.any()
    assert not filled.params["conv"][0].diff.any()


def test_loss_of_a_stretch(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    whole = filled._forward(0, 3)
    assert whole == pytest.approx(float(filled.blobs["loss"].data))
    assert filled._forward(1, 2) == 0
    assert filled._forward(3, 3) == pytest.approx(whole)


def test_backward_uses_the_diffs_a_script_wrote(tmp_path: Path) -> None:
    two = net(tmp_path, TWO_READERS)
    two.forward(x=np.ones((2, 3)))
    found = two.backward(sum=np.full((2, 1), 5.0), twice=np.zeros((2, 3)))
    assert (found["x"] == 5).all()
    two.blobs["twice"].diff[...] = 1
    assert (two.backward()["x"] == 7).all()


def test_param_diffs_add_up_until_they_are_cleared(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    filled.forward()
    diff = filled.params["conv"][0].diff
    filled.backward()
    once = diff.copy()
    assert once.any()
    filled.backward()
    np.testing.assert_allclose(diff, 2 * once, rtol=1e-5)
    filled.clear_param_diffs()
    assert not diff.any()


def test_data_layers_go_on_where_they_were(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    caffe.set_random_seed(5)
    a, b = net(tmp_path, FILLED), None
    caffe.set_random_seed(5)
    b = net(tmp_path, FILLED)
    first, second = (copies(a.forward(blobs=["data"])) for _ in range(2))
    assert (first["data"] != second["data"]).any()
    assert (b.forward(blobs=["data"])["data"] == first["data"]).all()
    b.forward(start="conv")
    b.forward(start="ip")
    assert (b.forward(blobs=["data"])["data"] == second["data"]).all()
    assert (filled.forward(blobs=["data"])["data"] != first["data"]).any()


def test_constants_of_dummy_data_are_written_once(tmp_path: Path) -> None:
    filled = net(tmp_path, FILLED)
    assert (filled.blobs["label"].data == 1).all()
    filled.blobs["label"].data[...] = [0, 1, 2, 3, 0]
    filled.forward()
    assert filled.blobs["label"].data.tolist() == [0, 1, 2, 3, 0]


def test_same_seed_same_weights(tmp_path: Path) -> None:
    def weights():
        return net(tmp_path, FILLED).params["conv"][0].data

    caffe.set_random_seed(9)
    first, second = weights(), weights()
    caffe.set_random_seed(9)
    assert (weights() == first).all()
    assert (weights() == second).all()
    assert (first != second).any()


# Other shapes.


def test_reshaped_input(tmp_path: Path) -> None:
    pictures = net(tmp_path, PICTURES)
    kernel = pictures.params["conv"][0].data
    for shape in ((1, 1, 6, 5), (3, 1, 4, 4), (1, 1, 3, 3), (2, 1, 4, 4)):
        pictures.blobs["x"].reshape(*shape)
        view, diff = pictures.blobs["x"].data, pictures.blobs["x"].diff
        assert view.shape == diff.shape == shape
        view[...] = np.arange(view.size).reshape(shape)
        found = pictures.forward()["conv"]
        assert found.shape == (shape[0], 2, shape[2] - 2, shape[3] - 2)
        wanted = sum(
            view[:, :, y : shape[2] - 2 + y, x : shape[3] - 2 + x]
            for y in range(3)
            for x in range(3)
        )
        np.testing.assert_allclose(found, np.repeat(wanted, 2, axis=1), rtol=1e-6)
        pictures.blobs["conv"].diff[...] = 1
        pictures.backward()
        assert diff[0, 0, 0, 0] == 2
        view[...] = -1
        assert not pictures.forward()["conv"].any()
    assert np.shares_memory(kernel, pictures.params["conv"][0].data)


def test_net_reshape_tells_all_layers_without_running_them(tmp_path: Path) -> None:
    pictures = net(tmp_path, PICTURES)
    pictures.blobs["x"].reshape(5, 1, 7, 7)
    assert pictures.blobs["conv"].shape == (2, 2, 2, 2)
    pictures.reshape()
    assert pictures.blobs["conv"].shape == (5, 2, 5, 5)
    assert pictures.blobs["conv"].diff.shape == (5, 2, 5, 5)
    pictures.blobs["x"].reshape(6, 1, 7, 7)
    pictures.layers[1].reshape([], [])
    assert pictures.blobs["conv"].shape == (6, 2, 5, 5)


def test_two_inputs_may_disagree_in_between(tmp_path: Path) -> None:
    text = LINE.replace("DummyData", "Input").replace("dummy_data_param", "input_param")
    line = net(tmp_path, text)
    line.blobs["x"].reshape(3, 2)
    with pytest.raises(UserError):
        line.reshape()
    line.blobs["y"].reshape(3, 1)
    line.blobs["x"].data[...] = 1
    assert line.forward(blobs=["z"])["z"].tolist() == [[1], [1], [1]]


def test_an_input_reshaped_and_back_keeps_its_values(tmp_path: Path) -> None:
    pictures = net(tmp_path, PICTURES)
    view = pictures.blobs["x"].data
    view[...] = 2
    pictures.blobs["x"].reshape(9, 1, 8, 8)
    pictures.blobs["x"].reshape(2, 1, 4, 4)
    assert (pictures.forward()["conv"] == 18).all()
    view[...] = 3
    assert (pictures.forward()["conv"] == 27).all()


def test_only_inputs_have_free_shapes(tmp_path: Path) -> None:
    pictures = net(tmp_path, PICTURES)
    with pytest.raises(UserError, match="'conv'"):
        pictures.blobs["conv"].reshape(1, 2, 3, 4)
    pictures.forward()


# Callbacks.


def test_callbacks_come_around_every_layer(tmp_path: Path) -> None:
    two, told = net(tmp_path, TWO_READERS), []
    two.before_forward(lambda i: told.append(f"bf{i}"))
    two.after_forward(lambda i: told.append(f"af{i}"))
    two.after_forward(lambda i: told.append(f"again{i}"))
    two.before_backward(lambda i: told.append(f"bb{i}"))
    two.after_backward(lambda i: told.append(f"ab{i}"))
    two.forward(start="double", end="double")
    two.backward(end="double")
    assert told == ["bf2", "af2", "again2", "bb3", "ab3", "bb2", "ab2"]
    told.clear()
    two.backward()
    assert told[-2:] == ["bb0", "ab0"]


def test_a_callback_sees_the_layer_done(tmp_path: Path) -> None:
    two, sums = net(tmp_path, TWO_READERS), []
    two.blobs["x"].data[...] = 1
    two.before_forward(lambda i: sums.append(float(two.blobs["sum"].data.sum())))
    two.after_forward(lambda i: sums.append(float(two.blobs["sum"].data.sum())))
    two.forward(start="ip")
    assert sums == [0, 6]


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
