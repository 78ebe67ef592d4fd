import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mycaffe_py.errors import UserError
from mycaffe_py.trained.enrollment import Enrollments, Example, checked_label, input_key

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def example(key, *embedding):
    return Example(f"{key}.png", key, np.array(embedding, np.float32))


@pytest.mark.slow
@given(
    st.dictionaries(
        st.text(min_size=1),
        st.lists(arrays(np.float32, 3, elements=NUMBERS), min_size=1, max_size=3),
        max_size=4,
    )
)
def test_text_brings_every_bit_back(classes) -> None:
    made = {
        name: tuple(Example(f"{name}{i}", str(i), row) for i, row in enumerate(rows))
        for name, rows in classes.items()
    }
    first = Enrollments("abc", "x.caffemodel", '{"a": 1}', made)
    second = Enrollments.from_text(first.as_text())
    assert (second.net, second.weights, second.counters) == ("abc", "x.caffemodel", '{"a": 1}')
    assert second.labels == first.labels
    for a, b in zip(first.examples, second.examples, strict=True):
        assert (a.file, a.key) == (b.file, b.key)
        np.testing.assert_array_equal(a.embedding, b.embedding)


def test_a_line_for_each_example() -> None:
    found = Enrollments("abc", "x").with_examples("cat", [example("a", 1, 2), example("b", 3, 5)])[
        0
    ]
    lines = found.as_text().splitlines()
    assert len([line for line in lines if '"embedding"' in line]) == 2
    assert json.loads(found.as_text())["classes"]["cat"][1]["embedding"] == [3, 5]


def test_centroid_is_the_mean_and_examples_add_up() -> None:
    empty = Enrollments("abc", "x")
    one, _ = empty.with_examples("cat", [example("a", 1, 2)])
    two, already = one.with_examples("cat", [example("a", 1, 2), example("b", 3, 5)])
    assert already == ["a.png"]
    np.testing.assert_array_equal(two.centroids(), [[2, 3.5]])
    assert empty.labels == [] and len(one.examples) == 1


def test_one_input_has_one_label() -> None:
    found, _ = Enrollments("abc", "x").with_examples("cat", [example("a", 1)])
    with pytest.raises(UserError, match=r"'a\.png' is enrolled as 'cat'.*cannot be 'dog' too"):
        found.with_examples("dog", [example("a", 1)])


def test_forgetting() -> None:
    found, _ = Enrollments("abc", "x").with_examples("cat", [example("a", 1)])
    assert found.without("cat").labels == []
    with pytest.raises(UserError, match=r"no class 'cta' is enrolled.*Did you mean 'cat'"):
        found.without("cta")
    with pytest.raises(UserError, match="Nothing is enrolled"):
        Enrollments("abc", "x").without("cat")


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "unknown", " Unknown "])
def test_labels_that_are_none(text: str) -> None:
    with pytest.raises(UserError, match="--label is"):
        checked_label(text)


def test_labels_lose_the_spaces_around_them() -> None:
    assert checked_label(" slow server ") == "slow server"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2}',
        '{"format": 1, "net": "", "weights": "", "classes": []}',
        '{"format": 1, "net": "", "weights": "", "classes": {"a": [{"file": "f"}]}}',
        '{"format": 1, "net": "", "weights": "", "classes":'
        ' {"a": [{"file": "f", "input": "k", "embedding": [NaN]}]}}',
        '{"format": 1, "net": "", "weights": "", "classes":'
        ' {"a": [{"file": "f", "input": "k", "embedding": [1]},'
        ' {"file": "g", "input": "l", "embedding": [1, 2]}]}}',
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        Enrollments.from_text(text)


def test_keys_tell_inputs_apart() -> None:
    zeros = np.zeros((1, 4, 4), np.uint8)
    others = [zeros + 1, zeros.reshape(1, 2, 8), zeros.astype(np.float32)]
    assert input_key(zeros) == input_key(zeros.copy())
    assert len({input_key(array) for array in [zeros, *others]}) == 4
