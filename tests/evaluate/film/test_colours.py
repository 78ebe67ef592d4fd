"""People who see red and green alike can tell the classes apart, on both grounds."""

import itertools

import numpy as np
import pytest

from mycaffe_py.evaluate.film.colours import COLOURS, DARK, LIGHT, MARKERS, shown_classes

# Machado, Oliveira, Fernandes (2009), full severity, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1], [1.089]])


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    x = TO_XYZ @ np.clip(rgb, 0, 1)
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    bright = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] + 0.05 for c in (one, other))
    return bright[1] / bright[0]


@pytest.mark.parametrize(
    ("sight", "least"), [("normal", 36), ("protanopia", 15), ("deuteranopia", 15)]
)
def test_any_two_colours_differ(sight: str, least: int) -> None:
    seen = [lab(np.asarray(SIGHT[sight]) @ linear(c)) for c in COLOURS]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > least


def test_colours_stand_out_from_both_grounds() -> None:
    assert min(contrast(c, LIGHT.background) for c in COLOURS) > 1.95
    assert min(contrast(c, DARK.background) for c in COLOURS) > 2.2


def test_the_first_class_is_green_and_many_classes_stay_apart() -> None:
    looks = shown_classes([str(n) for n in range(100)])
    red, green, blue = linear(looks[0].colour)
    assert green > max(red, blue)
    assert len({(look.colour, look.marker) for look in looks}) == 100
    assert len(set(MARKERS)) == 10
    assert looks[2].ink == "#000000"
    assert looks[3].ink == "#ffffff"
