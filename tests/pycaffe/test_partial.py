"""Only the layers that run take up the shapes of their bottoms, as in Caffe."""

from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.nets import net

# Behind 'conv' stand an in-place layer, a Split, a view of it, and a classifier for one size.
TRUNK = """
force_backward: true
layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 2 dim: 6 dim: 6 } } }
layer {
  name: 'conv' type: 'Convolution' bottom: 'x' top: 'conv'
  convolution_param { num_output: 3 kernel_size: 3 weight_filler { type: 'gaussian' } }
}
layer { name: 'act' type: 'ReLU' bottom: 'conv' top: 'conv' }
layer { name: 'flat' type: 'Flatten' bottom: 'conv' top: 'flat' }
layer { name: 'fc' type: 'InnerProduct' bottom: 'flat' top: 'fc'
  inner_product_param { num_output: 2 weight_filler { type: 'gaussian' } } }
layer { name: 'other' type: 'Power' bottom: 'conv' top: 'other' power_param { scale: 2 } }
"""


def _filled(blob, seed=0):
    blob.data[...] = np.random.default_rng(seed).normal(size=blob.shape)
    return blob.data.copy()


def _of_its_own_size(tmp_path, trunk, size):
    """A net for that size without the classifier, on the weights of `trunk`."""
    text = TRUNK.replace("dim: 6 dim: 6", f"dim: {size[0]} dim: {size[1]}")
    other = net(tmp_path, text, caffe.TEST)
    for blob, known in zip(other.params["conv"], trunk.params["conv"], strict=True):
        blob.data[...] = known.data
    return other


def test_a_picture_of_any_size_goes_up_to_a_layer_and_back(tmp_path: Path) -> None:
    """The walk of DeepDream: the classifier above would refuse the size, and is not asked."""
    trunk = net(tmp_path, TRUNK, caffe.TEST)
    trunk.forward()
    for size in ((9, 8), (7, 11), (6, 6), (4, 5)):
        wanted = _of_its_own_size(tmp_path, trunk, size)
        trunk.blobs["x"].reshape(1, 2, *size)
        _filled(trunk.blobs["x"]), _filled(wanted.blobs["x"])
        for one in (trunk, wanted):
            for _ in range(2):
                one.forward(end="act")
            one.blobs["conv"].diff[...] = one.blobs["conv"].data
            one.backward(start="act")
        assert trunk.blobs["conv"].shape == (1, 3, size[0] - 2, size[1] - 2)
        assert (trunk.blobs["conv"].data == wanted.blobs["conv"].data).all()
        assert (trunk.blobs["x"].diff == wanted.blobs["x"].diff).all()
        assert trunk.blobs["fc"].shape == (1, 2)


def test_layers_that_did_not_run_learn_of_it_when_they_do(tmp_path: Path) -> None:
    trunk = net(tmp_path, TRUNK, caffe.TEST)
    trunk.blobs["x"].reshape(1, 2, 9, 8)
    trunk.forward(end="act")
    for run in (trunk.forward, trunk.reshape, lambda: trunk.forward(start="conv_act_0_split")):
        with pytest.raises(UserError, match=r"layer 'fc' \(InnerProduct\)"):
            run()
    trunk.forward(start="other", end="other")
    trunk.blobs["x"].reshape(1, 2, 6, 6)
    x = _filled(trunk.blobs["x"], 1)
    found = trunk.forward()
    fresh = _of_its_own_size(tmp_path, trunk, (6, 6))
    for blob, known in zip(fresh.params["fc"], trunk.params["fc"], strict=True):
        blob.data[...] = known.data
    wanted = fresh.forward(x=x)
    for name in ("fc", "other"):
        assert (found[name] == wanted[name]).all()
    assert trunk.blobs["flat"].shape == (1, 48)
    for one in (trunk, fresh):
        one.blobs["fc"].diff[...] = 1
        one.blobs["other"].diff[...] = 2
        one.backward()
    assert (trunk.blobs["x"].diff == fresh.blobs["x"].diff).all()


def test_a_stretch_in_the_middle_uses_what_is_there(tmp_path: Path) -> None:
    """'conv' does not run, so it keeps its shape although its bottom has another."""
    trunk = net(tmp_path, TRUNK, caffe.TEST)
    before = trunk.forward(blobs=["conv"])["conv"].copy()
    trunk.blobs["x"].reshape(1, 2, 20, 20)
    assert trunk.forward(start="act")["fc"].shape == (1, 2)
    assert (trunk.blobs["conv"].data == before).all()
    assert trunk.backward(end="act")["conv"].shape == before.shape


# Parameters of another shape.


def test_a_parameter_takes_another_shape_and_is_saved_so(tmp_path: Path) -> None:
    trunk = net(tmp_path, TRUNK, caffe.TEST)
    weights, kept = trunk.params["fc"][0], trunk.params["conv"][0].data.copy()
    before = weights.data.copy()
    _filled(trunk.blobs["x"])
    wanted = trunk.forward()["fc"].copy()
    weights.reshape(4, 24)
    assert weights.data.shape == weights.diff.shape == (4, 24)
    assert (weights.data.reshape(2, 48) == before).all()
    assert (trunk.forward()["fc"] == wanted).all()
    weights.reshape(3, 48)
    assert weights.shape == (3, 48) and not weights.data.any()
    weights.data[:2] = before
    weights.data[2] = 7
    assert (trunk.forward()["fc"] == wanted).all()
    trunk.clear_param_diffs()
    trunk.blobs["fc"].diff[...] = 1
    trunk.backward()
    assert weights.diff[:2].any() and not weights.diff[2].any()
    file = str(tmp_path / "cut.caffemodel")
    trunk.save(file)
    wide = net(tmp_path, TRUNK.replace("num_output: 2", "num_output: 3"), caffe.TEST)
    wide.params["fc"][1].reshape(2)
    wide.copy_from(file)
    assert (wide.params["fc"][0].data == weights.data).all()
    assert (wide.params["conv"][0].data == kept).all()
    with pytest.raises(UserError, match=r"blob 0 of layer 'fc' is \(3, 48\) there"):
        net(tmp_path, TRUNK, caffe.TEST).copy_from(file)


def test_a_reshaped_parameter_still_learns(tmp_path: Path) -> None:
    losses = []
    for reshaped in (False, True):
        caffe.set_random_seed(3)
        text = TRUNK.replace("force_backward: true", "").replace(
            "type: 'Input'", "type: 'DummyData'"
        )
        text = text.replace("input_param {", "dummy_data_param { data_filler { type: 'gaussian' }")
        text += "layer { name: 'l' type: 'Reduction' bottom: 'fc' top: 'l' loss_weight: 1\n"
        text += "reduction_param { operation: SUMSQ } }\n"
        (tmp_path / "net.prototxt").write_text(text)
        solver = tmp_path / "a.solver"
        solver.write_text(
            f"net: '{tmp_path / 'net.prototxt'}' base_lr: 0.001 lr_policy: 'fixed' momentum: 0.9\n"
            f"random_seed: 5 max_iter: 3 snapshot_prefix: '{tmp_path / 'a'}'\n"
        )
        trained = caffe.get_solver(str(solver))
        weights = trained.net.params["fc"][0]
        if reshaped:
            before = weights.data.copy()
            weights.reshape(5, 48)
            weights.data[:2] = before
        trained.step(3)
        losses.append((float(trained.net.blobs["l"].data), weights.data[:2].copy()))
    assert losses[0][0] == losses[1][0]
    assert (losses[0][1] == losses[1][1]).all()
