"""Blobs as the user's code sees them."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.layers.user.python_blob import Blob, BlobVec, fixed


def test_on_its_own() -> None:
    blob = Blob()
    assert (blob.shape, blob.count, blob.data.shape) == ((), 1, ())
    blob.data[()] = 3
    assert blob.data == 3
    blob.reshape(np.int64(2), 3)
    assert (blob.shape, blob.count) == ((2, 3), 6)
    assert (blob.num, blob.channels, blob.height, blob.width) == (2, 3, 1, 1)
    assert blob.data.dtype == blob.diff.dtype == np.float32
    assert not blob.data.any() and not blob.diff.any()
    blob.diff[0] = 1
    assert blob.diff.sum() == 3
    same = blob.data
    blob.reshape(2, 3)
    assert blob.data is same


def test_bound_arrays_are_live() -> None:
    data, diff = np.ones((2, 2)), np.zeros((2, 2))
    asked = []

    def room(shape: tuple[int, ...]) -> np.ndarray:
        asked.append(shape)
        return np.full(shape, 5.0)

    blob = Blob()
    blob.bind(data, diff, room)
    blob.data[0] = 7
    blob.diff[...] = 2
    assert data[0, 0] == 7 and diff.sum() == 8
    blob.reshape(2, 2)
    assert asked == []
    blob.reshape(4)
    assert asked == [(4,)] and blob.data.sum() == 20
    assert blob.diff.shape == (4,) and blob.diff.dtype == np.float64
    blob.reshape(1)
    assert asked == [(4,), (1,)]


def test_a_gradient_nobody_wants_is_the_users_own() -> None:
    blob = Blob()
    blob.bind(np.ones(3), None)
    blob.diff[...] = 4
    blob.bind(np.ones(3), None)
    assert blob.diff.sum() == 12
    blob.bind(np.ones(2), None)
    assert blob.diff.sum() == 0 and blob.diff.shape == (2,)


def test_mistakes() -> None:
    blob = Blob((1, 2, 3, 4, 5))
    with pytest.raises(ValueError, match="every length must be 0 or more"):
        blob.reshape(2, -1)
    with pytest.raises(TypeError):
        blob.reshape((1, 2))
    with pytest.raises(ValueError, match="num, channels, height and width of a blob"):
        _ = blob.num
    with pytest.raises(AttributeError):
        blob.data = np.zeros(1)  # type: ignore[misc]
    blob.bind(np.zeros(2), None, fixed("a parameter"))
    with pytest.raises(ValueError, match="a parameter cannot be reshaped"):
        blob.reshape(3)


def test_a_vector_of_blobs() -> None:
    blobs = BlobVec()
    blobs.add_blob(2, 3)
    blobs.add_blob()
    assert [blob.shape for blob in blobs] == [(2, 3), ()]
