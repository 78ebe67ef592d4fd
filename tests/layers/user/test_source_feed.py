"""Batches of a user's iterable or numbered object, whichever order they are asked for in."""

import numpy as np
import pytest

from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.errors import UserError
from mycaffe_py.layers.user.source_feed import SourceFeed
from mycaffe_py.layers.user.source_rows import RowsChecker


def item(number):
    """Image (1, 2, 3) and label of an item, told by its number."""
    return np.full((1, 2, 3), number / 2), number % 3


class Numbered:
    """Items that are asked for by number; endless."""

    def __getitem__(self, number):
        return item(number)


class NumberedBatches:
    """Batches of four."""

    def __getitem__(self, number):
        images, labels = zip(*map(item, range(4 * number, 4 * number + 4)), strict=True)
        return np.stack(images), np.array(labels)


def endless():
    number = 0
    while True:
        yield item(number)
        number += 1


def in_batches(size):
    def make():
        number = 0
        while True:
            images, labels = zip(*map(item, range(number, number + size)), strict=True)
            yield np.stack(images), list(labels)
            number += size

    return make


def ten():
    return [item(number) for number in range(10)]


MAKES = {
    "generator": endless,
    "numbered": Numbered,
    "numbered batches": NumberedBatches,
    "batches of 3": in_batches(3),
    "batches of 4": in_batches(4),
    "batches of 9": in_batches(9),
}


def _feed(make, label_count=0, top_count=2, batch_size=4):
    return SourceFeed(
        make,
        lambda function, *arguments: function(*arguments),
        RowsChecker("my.items", label_count),
        batch_size,
        label_count,
        top_count,
    )


def _batch(feed, number):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(number, tops)
    return [top.tolist() for top in tops]


def _wanted(number, count=None):
    numbers = [i % count if count else i for i in range(4 * number, 4 * number + 4)]
    return [[item(i)[0].tolist() for i in numbers], [i % 3 for i in numbers]]


@pytest.mark.parametrize("name", MAKES)
def test_any_order_gives_the_same_batches(name) -> None:
    feed = _feed(MAKES[name])
    assert feed.shapes == [(4, 1, 2, 3), (4,)]
    for number in (0, 1, 2, 7, 3, 3, 0, 5):
        assert _batch(feed, number) == _wanted(number), number
    assert _batch(_feed(MAKES[name]), 6) == _wanted(6)


@pytest.mark.parametrize("make", [ten, lambda: iter(ten()), lambda: (x for x in ten())])
def test_what_ends_begins_again(make) -> None:
    feed = _feed(make)
    for number in (0, 1, 2, 3, 9, 2):
        assert _batch(feed, number) == _wanted(number, 10), number


def test_prefetch_gives_the_same_batches() -> None:
    plain = _feed(endless)
    with PrefetchFeed(_feed(endless), 3) as ahead:
        for number in (0, 1, 2, 3, 9, 10, 1):
            assert _batch(ahead, number) == _batch(plain, number)


def test_labels_of_several_numbers_and_one_top() -> None:
    feed = _feed(lambda: iter([(np.zeros((3, 1, 1)), (1, 2, 0))]))
    assert feed.shapes == [(4, 3, 1, 1), (4, 3)]
    assert _batch(feed, 1)[1] == [[1, 2, 0]] * 4
    alone = _feed(endless, top_count=1)
    assert alone.shapes == [(4, 1, 2, 3)]
    assert _batch(alone, 0) == _wanted(0)[:1]


IMAGE = np.zeros((1, 2, 3))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "batch 0: it has no items"),
        ([3], "batch 0: it gave a int; a pair"),
        ([None], "it gave None"),
        ([(IMAGE,)], "it gave a tuple"),
        ([(IMAGE[0], 0)], r"it gave shapes \(2, 3\) and \(\)"),
        ([(IMAGE, np.zeros((2, 2)))], r"it gave shapes \(1, 2, 3\) and \(2, 2\)"),
        ([(IMAGE[np.newaxis], np.zeros(2))], "it gave 1 images and 2 labels"),
        ([(np.zeros((0, 1, 2, 3)), [])], "it gave 0 images and 0 labels"),
        ([([[1], [1, 2]], 0)], "the image is no array"),
        ([(IMAGE, "cat")], "the label has type <U3"),
        ([(IMAGE.astype(complex), 0)], "the image has type complex128"),
        ([(IMAGE, 0), (np.zeros((1, 2, 4)), 0)], r"an image is \(1, 2, 4\) and a label \(\); all"),
        ([(IMAGE, 0), (IMAGE, [0])], r"a label \(1,\); all are as the first ones"),
        ([(IMAGE, 0), (IMAGE[np.newaxis], [0])], "it gave batches after items"),
        ([(IMAGE * np.nan, 0)], r"batch 0: the image in row 0 has the value nan at \(0, 0, 0\)"),
        ([(IMAGE + 1e39, 0)], "the image in row 0 has the value inf"),
        ([(IMAGE, np.nan)], "the label in row 0 has the value nan"),
        ([(IMAGE, 5)] * 6 + [(IMAGE, 6)] * 2, "batch 1: it gave label 6; label_count is 6"),
        ([(IMAGE, -1)], "it gave label -1"),
        ([(IMAGE, 0.5)], "it gave label 0.5"),
    ],
)
def test_what_is_no_batch(items, message: str) -> None:
    label_count = 6 if "it gave label" in message else 0
    with pytest.raises(UserError, match=message) as told:
        feed = _feed(lambda: iter(items), label_count)
        for number in range(2):
            _batch(feed, number)
    assert str(told.value).startswith("my.items, batch ")


def test_numbered_batches_have_the_batch_size() -> None:
    with pytest.raises(UserError, match="it gave 4 images and 4 labels; 3 of each"):
        _batch(_feed(NumberedBatches, batch_size=3), 0)


def test_what_nobody_can_iterate_over() -> None:
    with pytest.raises(UserError, match="it returned a int; something to iterate over"):
        _feed(lambda: 3)


@pytest.mark.parametrize("kind", [int, np.int32, np.int64, np.uint32])
def test_a_whole_label_that_single_precision_rounds_is_refused(kind) -> None:
    rows = [(np.zeros((1, 2, 3)), kind(20_000_000 + number)) for number in range(4)]
    feed = SourceFeed(lambda: rows, lambda f, *a: f(*a), RowsChecker("mine"), 4)
    tops = [np.empty(shape, np.float32) for shape in feed.shapes]
    with pytest.raises(UserError, match="row 1 has label 20000001, which cannot be held exactly"):
        feed.fill(0, tops)
    feed.fill(0, [tops[0], np.empty(4)])


def test_a_target_that_is_no_class_may_be_rounded() -> None:
    rows = [(np.zeros((1, 2, 3)), 20_000_001.0)]
    feed = SourceFeed(lambda: rows, lambda f, *a: f(*a), RowsChecker("mine"), 1)
    tops = [np.empty(shape, np.float32) for shape in feed.shapes]
    feed.fill(0, tops)
    assert tops[1].tolist() == [20_000_000]
