import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.pictures.drawn_words import PillowWords, one_line
from mycaffe_py.data.pictures.sheet import contact_sheet, mean_sheet

NAMES = ["猫", "a\tb", "two\nlines", "$0_$10", "", "caf\udce9", "é", "x" * 300]


@pytest.mark.parametrize("name", NAMES)
def test_sheets_take_any_name(name) -> None:
    images = np.zeros((2, 1, 8, 8), np.uint8)
    source = make_source("d.training", images, np.array([0, 1]), {0: name, 1: "b"})
    assert contact_sheet(source).width > 50
    assert mean_sheet(source).width > 50


def test_letters_the_font_lacks_are_numbers_so_that_names_differ() -> None:
    words = PillowWords(["a"], 15)
    assert words.drawn("猫 1") == "[732B] 1"
    assert words.drawn("a\t$1$") == "a $1$"
    assert words.drawn("caf\udce9") == "caf[DCE9]"


def test_other_scripts_are_drawn_with_the_font_of_matplotlib() -> None:
    pytest.importorskip("matplotlib")
    names = ["café", "Жук", "ημέρα"]
    words = PillowWords(names, 15)
    assert [words.drawn(name) for name in names] == names


def test_one_line() -> None:
    assert one_line("a\t b\u2028c\x00d ") == "a b c d"
    assert one_line("abcdef", 4) == "abc…"
