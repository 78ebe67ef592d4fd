"""The blobs of a net: shapes, memory that stays, legacy names."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mycaffe_py.pycaffe as caffe
from mycaffe_py.errors import UserError
from tests.pycaffe.nets import FILLED, TWO_READERS, net, write

shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
ALONE = "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { %s } } }"


@pytest.fixture
def alone(tmp_path):
    def make(*shape):
        dims = " ".join(f"dim: {dim}" for dim in shape)
        return caffe.Net(write(tmp_path, ALONE % dims), caffe.TEST).blobs["x"]

    return make


def test_data_and_diff_are_float32_zeros_of_one_shape(alone) -> None:
    blob = alone(2, 3)
    for array in (blob.data, blob.diff):
        assert array.dtype == np.float32
        assert array.shape == (2, 3)
        assert not array.any()


def test_views_show_one_memory(alone) -> None:
    blob = alone(2, 3)
    first, second = blob.data, blob.data
    first[...] = 7
    assert (second == 7).all()
    assert not blob.diff.any()


def test_a_view_that_is_reshaped_leaves_the_blob_as_it_was(alone) -> None:
    blob = alone(2, 3)
    blob.data.resize((6,))
    assert blob.shape == (2, 3)


def test_data_and_diff_cannot_be_replaced(alone) -> None:
    blob = alone(2)
    with pytest.raises(AttributeError):
        blob.data = np.ones(2)
    with pytest.raises(AttributeError):
        blob.diff = np.ones(2)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return write(tmp_path_factory.mktemp("blob"), TWO_READERS)


@pytest.mark.slow
@given(st.lists(shapes, min_size=1, max_size=4))
def test_reshape_keeps_values_where_memory_suffices(text, asked) -> None:
    blob = caffe.Net(text, caffe.TEST).blobs["x"]
    room = blob.count
    for after in asked:
        before = blob.shape
        count = blob.count
        blob.data[...] = np.arange(count).reshape(before)
        blob.diff[...] = -np.arange(count).reshape(before)
        blob.reshape(*after)
        assert blob.shape == blob.data.shape == blob.diff.shape == after
        assert blob.count == np.prod(after)
        if blob.count > room:
            room = blob.count
            assert not blob.data.any()
            assert not blob.diff.any()
        elif blob.count <= count and after != (2, 3):
            assert (blob.data.ravel() == np.arange(blob.count)).all()
            assert (blob.diff.ravel() == -np.arange(blob.count)).all()


def test_shrinking_keeps_the_memory(alone) -> None:
    blob = alone(4)
    view = blob.data
    view[...] = (1, 2, 3, 4)
    blob.reshape(2)
    blob.data[...] = (8, 9)
    assert np.shares_memory(view, blob.data)
    blob.reshape(4)
    assert blob.data.tolist() == [8, 9, 3, 4]


def test_reshape_to_nothing_makes_a_scalar(alone) -> None:
    blob = alone(2, 3)
    blob.reshape()
    assert blob.shape == ()
    assert blob.count == 1
    blob.data[()] = 4
    assert blob.data == 4


def test_reshape_takes_numbers_of_numpy(alone) -> None:
    blob = alone(1)
    blob.reshape(np.int64(2), np.int32(3))
    assert blob.shape == (2, 3)
    assert all(type(length) is int for length in blob.shape)


@pytest.mark.parametrize("wrong", [(2.0,), ("2",), ((2, 3),)])
def test_reshape_refuses_what_is_no_length(alone, wrong) -> None:
    with pytest.raises(TypeError):
        alone(1).reshape(*wrong)


def test_reshape_refuses_negative_lengths_and_names(alone) -> None:
    with pytest.raises(UserError, match="at least 0"):
        alone(1).reshape(2, -1)
    with pytest.raises(UserError, match="unknown argument shape"):
        alone(1).reshape(shape=(2, 3))


def test_legacy_names_answer_1_for_missing_axes(alone) -> None:
    blob = alone(5, 6)
    assert (blob.num, blob.channels, blob.height, blob.width) == (5, 6, 1, 1)
    blob = alone(5, 6, 7, 8)
    assert (blob.num, blob.channels, blob.height, blob.width) == (5, 6, 7, 8)


def test_legacy_names_stop_at_four_axes(alone) -> None:
    with pytest.raises(UserError, match="four axes"):
        _ = alone(1, 2, 3, 4, 5).num


def test_a_parameter_takes_another_shape(tmp_path: Path) -> None:
    blob = net(tmp_path, FILLED).params["conv"][0]
    first = blob.data.reshape(-1)[0]
    blob.reshape(1)
    assert blob.data.tolist() == [first]
    blob.reshape(3, 2, 2, 2)
    assert blob.data.reshape(-1)[0] == first
