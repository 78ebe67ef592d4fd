import unicodedata

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.label_match import aside_words, class_names, match, renumbered

LEARNED = {0: "circle", 1: "cross", 2: "plus", 4: "square"}


def source(labels, names, name="NEW.training"):
    images = np.arange(len(labels) * 4, dtype=np.uint8).reshape(-1, 1, 2, 2)
    return make_source(name, images, np.array(labels), names)


def test_classes_of_one_name_get_the_learned_number() -> None:
    """A folder with two of five classes numbers them 0 and 1."""
    found = match(source([0, 1, 1], {0: "plus", 1: "square"}), LEARNED)
    assert found.source.labels.tolist() == [2, 4, 4]
    assert found.moved and not found.aside
    assert found.source.label_names[4] == "square"


def test_items_of_other_classes_are_set_aside_and_counted() -> None:
    given = source([0, 1, 2, 2], {0: "bar", 1: "plus", 2: "ring"})
    found = match(given, LEARNED)
    assert found.source.labels.tolist() == [2]
    assert (found.source.images == given.images[1:2]).all()
    assert found.aside == {"bar": 1, "ring": 2}
    assert found.source.checksum == given.checksum
    assert aside_words(found.aside, "image") == "3 images of 2 classes (ring: 2; bar: 1)"


def test_with_too_few_learned_classes_nothing_is_set_aside() -> None:
    given = source([0, 1, 2], {0: "bar", 1: "plus", 2: "ring"})
    assert len(match(given, LEARNED).source) == 1
    found = match(given, LEARNED, least=2)
    assert found.whole and found.known == 1
    assert found.source.labels.tolist() == [5, 2, 6]
    assert found.unlearned == {5, 6}
    assert match(source([0], {0: "bar"}), LEARNED).whole


def test_names_that_are_the_numbers_stay() -> None:
    digits = {label: str(label) for label in range(10)}
    given = source([0, 3, 9], digits)
    found = match(given, digits)
    assert found.source is given
    assert not found.moved and not found.aside and not found.whole


def test_a_label_without_an_image_is_no_class() -> None:
    assert class_names(source([3, 0, 3], {0: "a", 1: "b", 3: "c"})) == {0: "a", 3: "c"}


@pytest.mark.parametrize(
    ("learned", "found"),
    [("café", unicodedata.normalize("NFD", "café")), ("猫", "猫"), ("a b", " a b ")],
)
def test_one_name_in_two_spellings(learned: str, found) -> None:
    assert renumbered(source([0], {0: found}), {7: learned}).labels.tolist() == [7]


def test_names_differ_by_their_case() -> None:
    assert match(source([0], {0: "Cat"}), {0: "cat"}).whole
