import numpy as np
import pytest

from mycaffe_py.pycaffe.io import Transformer
from mycaffe_py.pycaffe.resize import resize_image

RNG = np.random.default_rng(9)


def imagenet(size=8):
    """As the notebooks of Caffe set it up."""
    transformer = Transformer({"data": (1, 3, size, size)})
    transformer.set_transpose("data", (2, 0, 1))
    transformer.set_mean("data", np.array([104.0, 117.0, 123.0]))
    transformer.set_raw_scale("data", 255)
    transformer.set_channel_swap("data", (2, 1, 0))
    transformer.set_input_scale("data", 0.5)
    return transformer


def test_what_is_done_and_in_which_order() -> None:
    picture = RNG.random((8, 8, 3)).astype(np.float32)
    kept = picture.copy()
    found = imagenet().preprocess("data", picture)
    assert found.dtype == np.float32
    for row, (channel, mean) in enumerate([(2, 104.0), (1, 117.0), (0, 123.0)]):
        wanted = (picture[:, :, channel] * 255.0 - mean) * 0.5
        assert np.allclose(found[row], wanted, atol=1e-4)
    assert np.array_equal(picture, kept)


def test_other_sizes_are_resized_first() -> None:
    picture = RNG.random((16, 12, 3)).astype(np.float32)
    whole = imagenet().preprocess("data", resize_image(picture, (8, 8)))
    assert np.array_equal(imagenet().preprocess("data", picture), whole)


def test_the_way_back() -> None:
    picture = RNG.random((8, 8, 3)).astype(np.float32)
    transformer = imagenet()
    row = transformer.preprocess("data", picture)
    for data in (row, row[np.newaxis]):
        assert np.allclose(transformer.deprocess("data", data), picture, atol=1e-5)


def test_a_swap_that_is_not_its_own_way_back() -> None:
    transformer = Transformer({"data": (1, 3, 8, 8)})
    transformer.set_channel_swap("data", (1, 2, 0))
    transformer.set_transpose("data", (2, 0, 1))
    picture = RNG.random((8, 8, 3)).astype(np.float32)
    row = transformer.preprocess("data", picture)
    assert np.array_equal(row[2], picture[:, :, 0])
    assert np.array_equal(transformer.deprocess("data", row), picture)


def test_gray_pictures_both_ways() -> None:
    transformer = Transformer({"data": (4, 1, 6, 5)})
    row = RNG.random((1, 6, 5)).astype(np.float32)
    assert np.array_equal(transformer.deprocess("data", row), row[0])
    transformer.set_transpose("data", (2, 0, 1))
    picture = RNG.random((6, 5, 1)).astype(np.float32)
    row = transformer.preprocess("data", picture)
    assert row.shape == (1, 6, 5)
    assert np.array_equal(transformer.deprocess("data", row), picture)


def test_nothing_set_is_nothing_done() -> None:
    transformer = Transformer({"data": (1, 4, 4, 3)})
    transformer.set_raw_scale("data", None)
    picture = RNG.random((4, 3, 2))
    assert np.array_equal(transformer.preprocess("data", picture), picture.astype(np.float32))


def test_means_of_every_shape() -> None:
    transformer = Transformer({"data": (1, 3, 4, 4)})
    transformer.set_mean("data", np.array([1.0, 2.0, 3.0]))
    assert transformer.mean["data"].shape == (3, 1, 1)
    image = RNG.random((3, 4, 4))
    transformer.set_mean("data", image)
    assert transformer.mean["data"] is image
    transformer.set_mean("data", RNG.random((4, 4)))
    assert transformer.mean["data"].shape == (1, 4, 4)
    large = RNG.random((3, 8, 8))
    transformer.set_mean("data", large)
    halves = large.reshape(3, 4, 2, 4, 2).mean(axis=(2, 4))
    assert np.allclose(transformer.mean["data"], halves, atol=1e-6)
    flat = np.full((3, 9, 9), 5.0)
    transformer.set_mean("data", flat)
    assert np.array_equal(transformer.mean["data"], np.full((3, 4, 4), 5.0))


@pytest.mark.parametrize(
    ("call", "value", "told"),
    [
        ("set_mean", np.zeros(4), "mean of 4 channels, but 'data' has 3"),
        ("set_mean", np.zeros((2, 4, 4)), r"mean of shape \(2, 4, 4\)"),
        ("set_mean", np.zeros((1, 3, 4, 4)), "mean of shape"),
        ("set_transpose", (2, 0), "must order the 3 axes"),
        ("set_transpose", (2, 1, 1), "must order the 3 axes"),
        ("set_channel_swap", (1, 0), "'data' has 3 channels"),
    ],
)
def test_what_does_not_fit_the_input(call: str, value, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        getattr(Transformer({"data": (1, 3, 4, 4)}), call)("data", value)


def test_an_unknown_input() -> None:
    transformer = Transformer({"data": (1, 3, 4, 4)})
    for call in (transformer.set_raw_scale, transformer.preprocess, transformer.deprocess):
        with pytest.raises(ValueError, match=r"'dada' is no input .* mean 'data'"):
            call("dada", np.zeros(3))
