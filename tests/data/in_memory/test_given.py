"""What a program may hand over as a split, and how it is laid out."""

import numpy as np
import pytest

from mycaffe_py.data.in_memory import collecting
from mycaffe_py.data.in_memory.given import given_splits
from mycaffe_py.errors import UserError

GRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def only(value):
    return given_splits({"TRAIN": value})["TRAIN"]


def test_gray_images_get_a_channel_and_keep_their_bytes() -> None:
    source = only((GRAY, ["b", "a"]))
    assert source.images.dtype == np.uint8
    assert np.array_equal(source.images[:, 0], GRAY)
    assert (source.labels.tolist(), source.label_names) == ([1, 0], {0: "a", 1: "b"})


def test_channels_come_last_and_are_moved() -> None:
    colour = np.arange(48.0).reshape(2, 4, 2, 3)
    source = only((colour, [0, 1]))
    assert (source.shape, source.dtype) == ((3, 4, 2), np.float32)
    assert source.images[1, 2, 3, 1] == colour[1, 3, 1, 2]


def test_a_table_becomes_rows_of_features() -> None:
    assert only((np.eye(3), [0, 1, 2])).shape == (3, 1, 1)


def test_an_iterable_of_items_or_of_batches_is_the_same_as_arrays() -> None:
    whole = only((GRAY, [5, 6]))
    items = only(zip(GRAY, [5, 6], strict=True))
    batches = only([(GRAY[:1], np.array([5])), (GRAY[1:], [6])])
    pair_of_items = only([(GRAY[0], 5), (GRAY[1], 6)])
    assert whole.checksum == items.checksum == batches.checksum == pair_of_items.checksum


def test_splits_number_their_classes_alike() -> None:
    both = given_splits({"TRAIN": (GRAY, ["a", "c"]), "TEST": (GRAY, ["c", "b"])})
    assert both["TRAIN"].label_names == {0: "a", 2: "c"}
    assert both["TEST"].labels.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ((GRAY, [1]), "2 images and 1 labels"),
        ((np.zeros((2, 3, 8, 8)), [0, 1]), "channels come last.*moveaxis"),
        ((np.zeros(4), [0, 1, 2, 3]), "of shape"),
        ((np.zeros((0, 3, 4)), []), "is empty"),
        ((np.zeros((1, 0, 4)), [1]), "is empty"),
        ((np.array([[1.0, np.nan]]), [0]), "the value nan in row 0"),
        ((np.array([[1.0], [1e300]]), [0, 1]), "the value 1e.300 in row 1"),
        ((["a.png", "b.png"], [0, 1]), "dataset create images"),
        ((np.ones((1, 2), complex), [0]), "complex"),
        (([[1, 2], [3]], [0, 1]), "is no array"),
        (7, "is a int"),
        ("MNIST.training", "is a str"),
        (iter(()), "has no items"),
        ([GRAY[0], GRAY[1], GRAY[0]], "item 0 of .* is a ndarray"),
        (iter([(GRAY[0], 1), (GRAY[0, 0], 1)]), "item 1 of .* shape"),
        (iter([(GRAY, [1])]), "2 images and 1 labels"),
    ],
)
def test_what_cannot_be_used_is_told(value, told) -> None:
    with pytest.raises(UserError, match=told):
        only(value)


def test_splits_of_other_images_are_refused() -> None:
    with pytest.raises(UserError, match=r"data\['TEST'\] has uint8 images \(1, 4, 3\)"):
        given_splits({"TRAIN": (GRAY, [1, 2]), "TEST": (GRAY.transpose(0, 2, 1), [1, 2])})


def test_an_iterable_without_an_end_is_stopped(monkeypatch) -> None:
    monkeypatch.setattr(collecting, "_MOST_BYTES", 100)
    with pytest.raises(UserError, match="comes to an end"):
        only(iter(lambda: (GRAY[0], 1), None))
