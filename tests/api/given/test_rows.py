import numpy as np
import pytest

from mycaffe_py.api.given.rows import given_rows
from mycaffe_py.data.array_source import make_source
from mycaffe_py.errors import UserError


def like(*shape):
    return make_source("x.training", np.zeros((1, *shape), np.float32), np.zeros(1, int))


def read(given, *shape):
    made = given_rows(given, like(*shape))
    return np.concatenate(list(made.parts(2)))


def test_rows_of_features_and_float_images_go_in_as_they_are() -> None:
    table = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    assert np.array_equal(read(table, 7, 1, 1), table[:, :, None, None])
    assert np.array_equal(read(table[2], 7, 1, 1), table[2:3, :, None, None])
    assert np.array_equal(read(table.tolist(), 7, 1, 1), table[:, :, None, None])
    images = np.random.default_rng(1).normal(size=(5, 6, 8, 3)).astype(np.float32)
    assert np.array_equal(read(images, 3, 6, 8), images.transpose(0, 3, 1, 2))
    assert np.array_equal(read(list(images), 3, 6, 8), images.transpose(0, 3, 1, 2))
    assert np.array_equal(read(images[..., 0], 1, 6, 8), images[:, None, :, :, 0])


@pytest.mark.parametrize(
    ("given", "shape", "message"),
    [
        (np.zeros((5, 6)), (7, 1, 1), r"\(5, 6\); rows of features are \(N, 7\)"),
        (np.zeros((0, 7)), (7, 1, 1), r"\(0, 7\)"),
        (np.zeros((5, 9, 9)), (1, 6, 8), r"\(5, 9, 9\); \(N, 6, 8\) of values"),
        (np.full((5, 7), np.nan), (7, 1, 1), "nan at"),
        ("four.png", (7, 1, 1), "an object of type str is given"),
    ],
)
def test_what_does_not_fit(given, shape, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(given, *shape)
