"""Pieces of ink, each as one picture of the data set."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.data.pictures.picture_fit import centred
from mycaffe_py.data.source import open_source
from mycaffe_py.retrieve.spotting.ink import frame_of, ink_of, spread
from mycaffe_py.retrieve.spotting.objects import Objects

SIZE = (28, 28)


def page_with(*places: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A page of 100 x 100 with one digit of 28 x 28 at each place (x, y), and the digit."""
    source = open_source("digits28.testing")
    digit = centred(source.gather(np.array([0]))[0, 0], *SIZE)
    page = np.zeros((100, 100), np.uint8)
    for x, y in places:
        np.maximum(page[y : y + 28, x : x + 28], digit, out=page[y : y + 28, x : x + 28])
    return page, digit


def test_a_digit_is_read_as_it_was_pasted_from_a_window_that_is_a_little_off() -> None:
    page, digit = page_with((30, 40))
    whole = Objects(page, SIZE, 28).whole(np.array([33.0, 38, 28, 28]))
    assert whole is not None
    assert np.abs(whole.picture.astype(int) - digit).max() <= 2
    assert whole.frame == pytest.approx([30, 40, 28, 28], abs=0.6)
    assert whole.tight[3] == 20


def test_a_window_that_cuts_a_piece_off_is_no_thing_and_touches_nothing() -> None:
    page, _ = page_with((30, 40))
    things = Objects(page, SIZE, 28)
    for box in ([30.0, 50, 14, 14], [55.0, 40, 28, 28], [0.0, 0, 28, 28], [-20.0, -20, 28, 28]):
        assert things.whole(np.array(box)) is None
        assert not things.touches(np.array(box))


def test_a_neighbour_in_the_corner_of_the_window_is_left_out() -> None:
    page, digit = page_with((30, 40), (50, 62))
    whole = Objects(page, SIZE, 28).whole(np.array([30.0, 40, 28, 28]))
    assert whole is not None and np.abs(whole.picture.astype(int) - digit).max() <= 2


def test_things_that_touch_are_larger_than_one_can_be() -> None:
    page, _ = page_with((20, 40), (44, 40))
    page[50:54, 24:68] = 255
    things = Objects(page, SIZE, 28)
    assert things.touches(np.array([20.0, 40, 28, 28]))
    assert things.whole(np.array([20.0, 40, 28, 28])) is None


def test_dust_is_no_part_of_a_thing() -> None:
    page, digit = page_with((30, 40))
    page[41, 31] = 255
    whole = Objects(page, SIZE, 28).whole(np.array([30.0, 40, 28, 28]))
    assert whole is not None and np.abs(whole.picture.astype(int) - digit).max() <= 2


def test_a_page_without_ink_has_no_things() -> None:
    things = Objects(np.zeros((50, 40), np.uint8), SIZE, 28)
    assert things.everything() is None
    assert things.whole(np.array([0.0, 0, 28, 28])) is None


def test_ink_on_white_paper_is_turned_round_and_brought_to_0_to_255() -> None:
    paper = np.full((1, 20, 20), 230, np.uint8)
    paper[0, 8:12, 8:12] = 30
    ink = ink_of(paper)
    assert ink[0, 0] == 0 and ink[9, 9] == 255
    assert ink_of(np.full((1, 5, 5), 9, np.uint8)).max() == 0


def test_the_frame_of_ink_is_28_of_20_in_the_direction_that_fills_it() -> None:
    assert frame_of((10, 20), (28, 28)) == pytest.approx((28, 28))
    assert frame_of((10, 20), (28, 56)) == pytest.approx((56, 28))


def test_windows_hold_their_ink_as_the_query_or_otherwise() -> None:
    page, digit = page_with((30, 40))
    query = spread(digit, np.zeros((1, 2), np.int64), SIZE)
    places = np.array([[40, 30], [41, 31], [40, 36], [50, 30], [0, 0]])
    assert spread(page, places, SIZE).like(query).tolist() == [True, True, False, False, False]
