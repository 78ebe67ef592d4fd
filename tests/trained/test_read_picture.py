from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mycaffe_py.errors import UserError
from mycaffe_py.trained.read_picture import centred, read_picture

GRAY = (1, 28, 28)


def _stroke(size=(28, 28), mode="L", ink="white", paper="black"):
    image = Image.new(mode, size, paper)
    width, height = size
    ImageDraw.Draw(image).line(
        [(width * 0.5, height * 0.2), (width * 0.5, height * 0.8)], ink, max(2, width // 10)
    )
    return image


def _saved(image, tmp_path, name="digit.png"):
    path = tmp_path / name
    image.save(path)
    return path


def test_a_picture_as_in_mnist_is_left_alone(tmp_path: Path) -> None:
    image = _stroke()
    drawn = read_picture(_saved(image, tmp_path), GRAY)
    assert drawn.done == ()
    assert (drawn.pixels[0] == np.asarray(image)).all()


def test_black_on_white_is_inverted_and_said(tmp_path: Path) -> None:
    drawn = read_picture(_saved(_stroke(ink="black", paper="white"), tmp_path), GRAY)
    assert drawn.done == ("dark on light, so inverted",)
    assert (drawn.pixels[0] == np.asarray(_stroke())).all()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "1", "LA", "CMYK", "I;16"])
def test_any_mode(tmp_path: Path, mode: str) -> None:
    image = _stroke((40, 60), "RGB", "black", "white")
    converted = (
        Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        if mode == "I;16"
        else image.convert(mode)
    )
    name = "digit.tiff" if mode == "CMYK" else "digit.png"
    pixels = read_picture(_saved(converted, tmp_path, name), GRAY).pixels
    assert pixels.shape == GRAY
    assert pixels[0, 14, 13:15].min() > 200
    assert pixels[0, :3].max() == 0


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(25, 5), (25, 45)], "black", 6)
    drawn = read_picture(_saved(image, tmp_path), GRAY)
    assert drawn.done == ("dark on light, so inverted", "brought from 50x50 to 28x28")
    assert drawn.pixels[0, 14, 14] > 200


def test_size_and_place_are_those_of_mnist() -> None:
    pixels = np.zeros((100, 80), np.uint8)
    pixels[50:90, 5:15] = 255
    out = centred(pixels, 28, 28)
    rows, columns = np.flatnonzero(out.any(axis=1)), np.flatnonzero(out.any(axis=0))
    assert (rows[0], rows[-1]) == (4, 23)
    mass = out.astype(float)
    assert (mass.sum(axis=1) @ (np.arange(28) + 0.5)) / mass.sum() == pytest.approx(14, abs=0.51)
    assert (mass.sum(axis=0) @ (np.arange(28) + 0.5)) / mass.sum() == pytest.approx(14, abs=0.51)
    assert len(columns) == pytest.approx(5, abs=1)


def test_colour_nets_get_colour(tmp_path: Path) -> None:
    drawn = read_picture(_saved(Image.new("RGB", (64, 64), (255, 128, 0)), tmp_path), (3, 32, 32))
    assert drawn.pixels.shape == (3, 32, 32)
    assert drawn.pixels[:, 0, 0].tolist() == [255, 128, 0]


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "is not there"), (b"oops", "no picture format"), (b"", "no picture format")],
)
def test_what_is_no_picture_is_a_users_mistake(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "digit.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=says):
        read_picture(path, GRAY)


def test_a_cut_off_picture_is_a_users_mistake(tmp_path: Path) -> None:
    path = _saved(_stroke((200, 200)), tmp_path)
    path.write_bytes(path.read_bytes()[:120])
    with pytest.raises(UserError, match="cannot be read as a picture"):
        read_picture(path, GRAY)


def test_an_empty_picture_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is empty"):
        read_picture(_saved(Image.new("L", (28, 28), "white"), tmp_path), GRAY)
