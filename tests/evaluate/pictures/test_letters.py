"""Names in any script, with tabs or dollars, are drawn as they stand and without a warning."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.evaluate.film.colours import shown_classes
from mycaffe_py.evaluate.film.picture import Picture
from mycaffe_py.evaluate.film.show import make_show
from mycaffe_py.evaluate.pictures import letters
from mycaffe_py.evaluate.pictures.curves import Curve, Curves
from mycaffe_py.evaluate.pictures.letters import lettering, words
from mycaffe_py.evaluate.pictures.projection import Plane
from mycaffe_py.evaluate.pictures.run_picture import Embedding, draw
from tests.evaluate.film.made import made_film

NAMES = [
    "猫", "كلب", "😀", "a\tb", "two\nlines", "$0_$10", "$a$", "$", r"\$x\$", "_hidden", "caf\udce9",
    "e\u0301", "\u202eright", "\x00", "", "x" * 500, "\U0001f468\u200d\U0001f469", "%d {x} \\frac",
]  # fmt: skip


@pytest.mark.slow
def test_names_are_drawn_without_a_warning(tmp_path: Path) -> None:
    curves = Curves(Curve((1, 2), (0.5, 0.4)), Curve((2,), (0.9,)))
    labels = np.arange(len(NAMES))
    places = np.random.default_rng(0).normal(size=(len(NAMES), 2))
    known = Embedding(
        Plane(places, places, "as it is"), labels, labels, dict(enumerate(NAMES)), "x".join(NAMES)
    )
    show = make_show(made_film(2), "$".join(NAMES))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = draw(tmp_path / "a.png", "$".join(NAMES), curves, known)
        Picture(replace(show, classes=shown_classes(NAMES))).draw(1)
    with Image.open(path) as image:
        assert image.width > 500


@pytest.mark.parametrize("name", NAMES)
def test_each_name_alone_can_be_drawn(name) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with warnings.catch_warnings(), lettering([name]):
        warnings.simplefilter("error")
        figure = Figure(figsize=(1, 1))
        figure.text(0, 0, words(name, 20))
        FigureCanvasAgg(figure).draw()


def test_dollars_are_no_mathematics() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    for name in ("$0_$10", "$a$", r"\$a$", "5 $"):
        text = figure.text(0, 0, words(name))
        assert text._preprocess_math(text.get_text()) == (name, False)


def test_letters_no_font_has_are_told_once_and_drawn_as_numbers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(letters, "_family", lambda letter: "" if letter.isascii() else None)
    letters._tell.cache_clear()
    for _ in range(2):
        with lettering(["猫 1", "狗"]):
            assert (words("猫 1"), words("狗")) == ("[732B] 1", "[72D7]")
    assert capsys.readouterr().err == (
        "no font here has the letters 狗猫; they are drawn as numbers\n"
    )


def test_a_name_is_one_line_and_cut() -> None:
    assert words("a\t b\r\nc") == "a b c"
    assert words("abcdefgh", 5) == "abcd…"


def test_a_name_that_begins_with_a_low_line_stands_in_the_legend() -> None:
    film = made_film(2)
    object.__setattr__(film.head, "label_names", {0: "_one", 1: "two", 2: "three"})
    picture = Picture(make_show(film, "run"))
    legends = [axes.get_legend() for axes in picture._canvas.figure.axes]
    names = [text.get_text() for one in legends if one for text in one.get_texts()]
    assert names == ["_one", "two", "three"]
