"""Nets that a script runs: whole and in parts, with other shapes, with callbacks."""

from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.nets import FILLED, LINE, PICTURES, TWO_READERS, net


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


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
