from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.doubles import double_lines, doubles_of_splits, find_doubles, row_sums

NAMES = {0: "cat", 1: "dog"}


def source(name, images, labels):
    return make_source(name, np.array(images), np.array(labels), NAMES)


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (600, 1, 5, 7), dtype=np.uint8)


def test_pictures_in_two_splits_are_counted_with_an_example(images) -> None:
    testing = np.concatenate([images[300:310], images[[7, 7, 9]]])
    sources = [
        source("P.testing", testing, [0] * 13),
        source("P.training", images[:300], [0] * 300),
    ]
    (line,) = double_lines(sources)
    assert line == (
        "3 images of P.testing stand in P.training too, such as number 10 of P.testing ('cat') "
        "and number 7 of P.training ('cat')."
    )
    files = {"P.testing": [Path(f"t{i}") for i in range(13)], "P.training": [Path("x")] * 300}
    assert "such as t10 and x." in double_lines(sources, files)[0]


def test_pictures_in_two_classes(images) -> None:
    images[5] = images[2]
    (line,) = double_lines([source("P.training", images, [0, 1] * 300)])
    assert line == (
        "1 image stands in two classes, such as number 2 of P.training ('cat') and number 5 of "
        "P.training ('dog')."
    )


def test_for_machines_each_double_names_what_it_is_the_same_as(images) -> None:
    testing = source("P.testing", [images[4], images[7]], [0, 0])
    found = doubles_of_splits([testing, source("P.training", images[:9], [0] * 7 + [1] * 2)])
    assert found.facts() == {
        "P.training": [],
        "P.testing": [
            {
                "item": number,
                "class": "cat",
                "same_as": {"source": "P.training", "item": item, "class": name},
            }
            for number, item, name in ((0, 4, "cat"), (1, 7, "dog"))
        ],
    }


def test_a_double_within_a_class_of_one_split_is_not_told(images) -> None:
    images[4] = images[2]
    assert not double_lines([source("P.training", images, [0] * 600)])


def test_a_sum_alone_says_nothing(images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mycaffe_py.data.doubles.row_sums", lambda array: np.zeros(len(array), np.uint64)
    )
    assert not find_doubles(source("P.training", images, [0, 1] * 300)).classes
    images[5] = images[2]
    assert find_doubles(source("P.training", images, [0, 1] * 300)).classes == (((0, 2), (0, 5)),)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 4), (3, 5, 7), (1, 28, 28)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_sums_follow_the_bytes(shape: tuple[int, ...], dtype) -> None:
    images = np.random.default_rng(2).integers(0, 256, (700, *shape)).astype(dtype)
    sums = row_sums(images)
    assert np.array_equal(sums, row_sums(images))
    changed = images.copy()
    changed[:, -1, -1, -1] += 1
    assert (sums != row_sums(changed)).all()
    assert sums[650] == row_sums(images[650:651])[0]


def test_splits_of_other_sizes_have_nothing_in_common(images) -> None:
    other = source("P.testing", np.zeros((2, 1, 4, 4), np.uint8), [0, 0])
    assert not double_lines([source("P.training", images, [0] * 600), other])
    assert not double_lines([])


def test_many_items_are_compared_in_parts(images, monkeypatch: pytest.MonkeyPatch) -> None:
    images[[100, 200, 300]] = images[[1, 2, 3]]
    images[400:500] = images[7]
    sources = [
        source("P.training", images[:350], [0, 1] * 175),
        source("P.testing", images[350:], [0, 0] * 125),
    ]
    whole = doubles_of_splits(sources)
    monkeypatch.setattr("mycaffe_py.data.doubles._SORTED", 41)
    found = doubles_of_splits(sources)
    assert found.across == whole.across and found.classes == whole.classes
    assert len(whole.across) == 1 and len(whole.across[0]) == 101
    assert whole.classes[0] == ((0, 1), (0, 100)) and len(whole.classes) == 3
