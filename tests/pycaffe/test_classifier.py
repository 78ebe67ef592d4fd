"""Scores of a net that averages colours, so that crops can be followed by hand."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mycaffe_py.pycaffe as caffe
from tests.pycaffe.colours import colours


@pytest.fixture
def pictures():
    return list(np.random.default_rng(2).random((4, 8, 6, 3)).astype(np.float32))


def test_ten_crops_are_averaged(tmp_path: Path, pictures) -> None:
    net = caffe.Classifier(*colours(tmp_path, 4), image_dims=(8, 6))
    found = net.predict(pictures)
    assert found.shape == (4, 3)
    places = [(0, 0), (0, 2), (4, 0), (4, 2), (2, 1)]
    for scores, picture in zip(found, pictures, strict=True):
        means = [picture[y : y + 4, x : x + 4].mean(axis=(0, 1)) for y, x in places]
        assert np.allclose(scores, np.mean(means, axis=0), atol=1e-5)


def test_the_centre_alone(tmp_path: Path, pictures) -> None:
    net = caffe.Classifier(*colours(tmp_path, 4), image_dims=(8, 6))
    found = net.predict(pictures, oversample=False)
    wanted = [picture[2:6, 1:5].mean(axis=(0, 1)) for picture in pictures]
    assert np.allclose(found, wanted, atol=1e-5)


def test_pictures_are_brought_to_the_inputs_size_and_into_its_units(tmp_path: Path) -> None:
    net = caffe.Classifier(
        *colours(tmp_path, 4),
        mean=np.array([10.0, 20.0, 30.0]),
        raw_scale=255,
        channel_swap=(2, 1, 0),
    )
    Image.new("RGB", (9, 5), (200, 100, 50)).save(tmp_path / "plain.png")
    picture = caffe.io.load_image(str(tmp_path / "plain.png"))
    for oversample in (True, False):
        found = net.predict([picture], oversample=oversample)
        assert np.allclose(found, [[50 - 10, 100 - 20, 200 - 30]], atol=1e-3)
    assert list(net.image_dims) == [4, 4]


def test_it_is_a_net_in_test_phase(tmp_path: Path) -> None:
    net = caffe.Classifier(*colours(tmp_path, 4))
    assert isinstance(net, caffe.Net)
    assert list(net.inputs) == ["data"]
    assert net.forward(data=np.ones((3, 3, 4, 4)))["score"].tolist() == [[1, 1, 1]] * 3


def test_crops_must_fit_into_the_picture(tmp_path: Path, pictures) -> None:
    net = caffe.Classifier(*colours(tmp_path, 4), image_dims=(3, 8))
    for oversample in (True, False):
        with pytest.raises(ValueError, match="crops of 4x4 from pictures of 3x8"):
            net.predict(pictures, oversample=oversample)
