import numpy as np
from PIL import Image

from mycaffe_py.retrieve.picture_rows import Shown, draw_rows, small_tile


def test_right_and_wrong_have_frames_and_a_missing_picture_a_line(tmp_path) -> None:
    image = np.full((1, 28, 28), 200, np.uint8)
    rows = [
        [Shown(image, ("query", "7")), Shown(image, ("7",), True), Shown(image, ("1",), False)],
        [Shown(None, ("gone", "ü漢"))],
    ]
    path = tmp_path / "sheet.png"
    assert draw_rows(path, "title", rows) == 2
    colours = {colour for _, colour in Image.open(path).getcolors(1 << 16) or []}
    assert {(70, 190, 90), (225, 75, 65), (200, 200, 200), (90, 92, 98)} <= colours
    assert draw_rows(path, "nothing", []) == 0


def test_pictures_keep_their_shape_and_windows_their_range() -> None:
    assert small_tile(np.zeros((3, 100, 50), np.uint8), 40).size == (20, 40)
    window = np.array([[[-3.0, 5.0]]], np.float32)
    tile = np.asarray(small_tile(window, 2))
    assert (tile[0, 0, 0], tile[0, 1, 0]) == (0, 255)
    assert small_tile(np.zeros((1, 2, 2), np.float32), 4).size == (4, 4)
