from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.rcnn_windows.window_cut import RcnnCut, cut_of
from mycaffe_py.data.rcnn_windows.window_list import RcnnWindow
from mycaffe_py.errors import UserError, Where


def _window(x1, y1, x2, y2):
    return RcnnWindow(Path("a.jpg"), 1, x1, y1, x2, y2, Where("windows.txt", 7))


def test_warped_without_context() -> None:
    cut = cut_of(_window(3, 4, 12, 8), (20, 30), 16)
    assert cut == RcnnCut(3, 4, 12, 8, 16, 16)


def test_context_on_all_sides_inside_of_the_picture() -> None:
    # Half sizes 5 and 2.5 grow by 16 / 12 about (8, 6.5): 1.33 ... 14.67 and 3.17 ... 9.83.
    cut = cut_of(_window(3, 4, 12, 8), (20, 30), 16, 2)
    assert cut == RcnnCut(1, 3, 15, 10, 16, 16)


def test_a_square_takes_the_longer_side() -> None:
    # Half size 5 about (8, 6.5): 3 ... 13 and 1.5 ... 11.5, halves away from zero.
    cut = cut_of(_window(3, 4, 12, 8), (20, 30), 16, square=True)
    assert cut == RcnnCut(3, 2, 13, 12, 16, 16)


def test_room_outside_of_the_picture() -> None:
    # x: 2.5 * 2 about 2.5: -2.5 -> -3 ... 7.5 -> 8, of 12 pixels 3 outside; each becomes 8 / 12.
    window = _window(0, 5, 4, 9)
    assert cut_of(window, (20, 30), 8, 2) == RcnnCut(0, 3, 8, 13, 8, 6, top=0, left=2)
    assert cut_of(window, (20, 30), 8, 2, mirrored=True) == RcnnCut(
        0, 3, 8, 13, 8, 6, top=0, left=0
    )
    narrow = cut_of(window, (20, 6), 8, 2, mirrored=True)
    assert narrow == RcnnCut(0, 3, 5, 13, 8, 4, top=0, left=2)


@given(
    st.tuples(*[st.integers(0, 39)] * 4),
    st.integers(0, 6),
    st.booleans(),
    st.booleans(),
    st.integers(13, 40),
)
def test_always_inside_of_picture_and_square(corners, pad, square, mirrored, crop) -> None:
    x1, x2 = sorted(corners[:2])
    y1, y2 = sorted(corners[2:])
    cut = cut_of(_window(x1, y1, x2, y2), (40, 40), crop, pad, square, mirrored)
    assert 0 <= cut.x1 <= x1 and x2 <= cut.x2 < 40
    assert 0 <= cut.y1 <= y1 and y2 <= cut.y2 < 40
    assert cut.left >= 0 and cut.width > 0 and cut.left + cut.width <= crop
    assert cut.top >= 0 and cut.height > 0 and cut.top + cut.height <= crop


@pytest.mark.parametrize(
    "corners", [(-1, 0, 3, 3), (0, 0, 30, 3), (0, 0, 3, 20), (5, 0, 3, 3), (0, 4, 3, 3)]
)
def test_windows_that_are_not_in_their_picture(corners: tuple[int, ...]) -> None:
    wanted = r"windows\.txt:7: window .* does not lie in its picture; a\.jpg has 30x20 pixels"
    with pytest.raises(UserError, match=wanted):
        cut_of(_window(*corners), (20, 30), 16, 2)
