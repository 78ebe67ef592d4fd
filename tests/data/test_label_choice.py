import pytest

from mycaffe_py.data.label_choice import chosen_labels, told
from mycaffe_py.errors import UserError

NAMES = {0: "cat", 2: "dog, wet", 3: "7", 5: "é"}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("cat", [0]),
        ("é, cat,cat", [5, 0]),
        ("0,5", [0, 5]),
        ('"dog, wet",cat', [2, 0]),
        # A name counts before a number, and a number that is no label stands for itself.
        ("7,9", [3, 9]),
    ],
)
def test_names_and_numbers(text: str, labels: list[int]) -> None:
    assert chosen_labels("--labels", text, NAMES, "PETS") == labels


@pytest.mark.parametrize("text", ["", "cow", "-1", "cat,", "1.5"])
def test_neither_name_nor_number(text: str) -> None:
    with pytest.raises(UserError, match=r"--labels is '.*its labels are 0 \(cat\), 2 \(dog"):
        chosen_labels("--labels", text, NAMES, "PETS")


def test_numbers_that_are_names_are_told_once() -> None:
    assert told({0: "0", 1: "one"}) == "0, 1 (one)"
