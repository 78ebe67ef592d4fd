"""Labels of any kind become class numbers with names."""

import numpy as np
import pytest

from mycaffe_py.data.in_memory.label_names import LabelNames
from mycaffe_py.errors import UserError


def test_classes_are_numbered_in_the_order_of_their_values() -> None:
    labels = LabelNames([["pear", "apple"], ["plum"]])
    assert labels.names == {0: "apple", 1: "pear", 2: "plum"}
    assert labels.of(["plum", "apple"]).tolist() == [2, 0]


def test_values_without_an_order_are_numbered_as_they_come_up() -> None:
    labels = LabelNames([[("b", 1), 7, "a"]])
    assert labels.values == [("b", 1), 7, "a"]
    assert labels.names[0] == "('b', 1)"


def test_equal_numbers_of_several_types_are_one_class() -> None:
    labels = LabelNames([[1, np.int64(2)], [1.0, np.uint8(2)]])
    assert labels.names == {0: "1", 1: "2"}
    assert labels.of([np.float32(2)]).tolist() == [1]


@pytest.mark.parametrize("pair", [["1", 1], ["a", "a "], ["", "x"]])
def test_classes_that_would_have_one_name_or_none_are_told_apart(pair) -> None:
    names = list(LabelNames([pair]).names.values())
    assert len({name.strip() for name in names}) == 2
    assert all(name.strip() for name in names)


@pytest.mark.parametrize(("label", "told"), [([1], "a list"), (float("nan"), "NaN")])
def test_a_label_that_can_be_none_is_refused(label, told) -> None:
    with pytest.raises(UserError, match=told):
        LabelNames([[label]])
