from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.animation import animate, moments
from mycaffe_py.evaluate.film.colours import COLOURS, DARK, LIGHT, shown_classes
from mycaffe_py.evaluate.film.picture import Picture, write_png
from mycaffe_py.evaluate.film.show import make_show
from tests.evaluate.film.made import made_film


def near(image: Image.Image, colour: str) -> int:
    """Pixels of a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    pixels = np.asarray(image.convert("RGB")).astype(int)
    return int((np.abs(pixels - wanted).max(axis=2) < 8).sum())


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 2, 3, 10])
def test_a_picture_shows_all_classes(width: int, tmp_path: Path) -> None:
    show = make_show(made_film(width), "run")
    write_png(Picture(show), tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as image:
        assert image.size == (1280, 720)
        for look in show.classes:
            assert near(image, look.colour) > 100
    first, last = (Picture(show, DARK).draw(p) for p in (0, 3))
    assert first.getpixel((2, 2)) == last.getpixel((2, 2)) == (0x14, 0x16, 0x1A)
    assert first.tobytes() != last.tobytes()
    with pytest.raises(UserError, match=r"\.png"):
        write_png(Picture(show), tmp_path / "map.jpg")


def test_more_classes_than_fit_and_long_names_are_cut(tmp_path: Path) -> None:
    film = made_film(2)
    object.__setattr__(film.head, "label_names", {0: "long " * 30, 1: "b", 2: "c"})
    assert Picture(make_show(film, "title " * 40)).draw(1).size == (1280, 720)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "ending"), [(2, ".gif"), (3, ".gif"), (3, ".webp")])
def test_an_animation_has_the_pictures_and_the_length_it_says(
    width: int, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"film{ending}"
    count = animate(make_show(made_film(width), "run"), path, 1.2)
    with Image.open(path) as image:
        assert image.n_frames == count
        lasting = 0
        for number in range(count):
            image.seek(number)
            image.load()
            lasting += image.info["duration"]
        assert lasting == pytest.approx(1200, abs=80)
        assert image.info["loop"] == 0
        assert image.size == (1280, 720)
    # Two dimensions hold their last picture, three turn on.
    assert count == (15 if width == 3 else 12)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "ground"), [(1280, DARK), (720, LIGHT), (720, DARK)])
def test_a_gif_keeps_the_colours_of_the_legend(size: int, ground, tmp_path: Path) -> None:
    """Ten classes, so every colour there is; the legend stands at the right."""
    show = make_show(made_film(2), "run")
    show = replace(show, classes=shown_classes([f"class {i}" for i in range(10)]))
    path = tmp_path / "film.gif"
    animate(show, path, 0.5, ground, width=size)
    with Image.open(path) as image:
        assert image.size == (size, size * 9 // 16)
        for number in (0, 1, image.n_frames - 1):
            image.seek(number)
            legend = image.convert("RGB").crop((size * 13 // 16, 0, *image.size))
            assert [near(legend, colour) > 10 for colour in COLOURS] == [True] * 10


def test_the_film_of_the_readme_has_the_colours_of_its_classes() -> None:
    path = Path(__file__).parents[3] / "docs" / "siamese_lstm_telecom.gif"
    with Image.open(path) as image:
        image.seek(image.n_frames - 1)
        assert [near(image, colour) > 30 for colour in COLOURS[:3]] == [True] * 3


@pytest.mark.parametrize("width", [0, 319, 1281])
def test_a_width_nobody_can_read_is_refused(width: int, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--width"):
        animate(make_show(made_film(2), "run"), tmp_path / "film.gif", 1, width=width)


def test_the_moments_of_a_film() -> None:
    show = make_show(made_film(2), "run")
    told = moments(show, 10)
    assert told[0].position == 0
    assert told[-1].position == 3
    assert sum(m.milliseconds for m in told) == 10_000
    assert [m.position for m in told] == sorted(m.position for m in told)
    for wrong in (0.1, 1e9, float("nan")):
        with pytest.raises(UserError, match="--seconds"):
            moments(show, wrong)


@pytest.mark.slow
def test_a_gif_keeps_the_colours(tmp_path: Path) -> None:
    show = make_show(made_film(2), "run")
    animate(show, tmp_path / "x.gif", 0.5)
    with Image.open(tmp_path / "x.gif") as image:
        assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
        for look in show.classes:
            assert near(image, look.colour) > 60
