import json

import numpy as np
import pytest

from mycaffe_py.data.pictures.picture_record import (
    MNIST_WAY,
    Asked,
    PictureRecord,
    known_record,
    light_border,
    measured_record,
)
from mycaffe_py.errors import UserError

COLOUR = PictureRecord(20, 10, gray=False, fit="pad", span=(-1000.0, 400.0), bits=16)


@pytest.mark.parametrize("record", [MNIST_WAY, COLOUR])
def test_a_record_is_read_as_it_was_written(record) -> None:
    assert PictureRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize(
    "change",
    [{"fit": "squeeze"}, {"width": 0}, {"width": "a"}, {"span": [5, 5]}, {"span": [1]},
     {"polarity": "?"}, {"invert": 1}, {"more": 1}],
)  # fmt: skip
def test_a_damaged_record_is_named(change) -> None:
    text = json.dumps(json.loads(MNIST_WAY.to_json()) | change)
    for damaged in (text, text[:-5], "[]", "null"):
        with pytest.raises(UserError, match="record of how pictures were read is damaged"):
            PictureRecord.from_json(damaged)


def test_the_sets_everybody_knows_are_light_on_dark_and_fitted_by_their_ink() -> None:
    for name in ("MNIST.training", "digits28.testing"):
        record = PictureRecord.from_json(known_record(name))
        assert (record.fit, record.polarity, record.invert) == (
            "ink", "light on dark", "light borders"
        )  # fmt: skip
    assert known_record("PETS.training") == ""


def test_what_is_asked_stands_above_what_is_recorded() -> None:
    assert Asked().over(MNIST_WAY) == MNIST_WAY
    assert Asked(invert=False).over(MNIST_WAY).invert == "never"
    assert Asked(invert=True).over(COLOUR).invert == "always"
    assert Asked("crop", None, (0, 9)).over(COLOUR).span == (0, 9)
    with pytest.raises(UserError, match="--fit ink is for gray pictures"):
        Asked("ink").over(COLOUR)


def _bordered(shade, channels=1):
    image = np.full((channels, 6, 5), 255 - shade, np.uint8)
    image[:, [0, -1]] = image[:, :, [0, -1]] = shade
    return image


def test_a_border_is_light_from_128_on() -> None:
    assert not light_border(_bordered(127))
    assert light_border(_bordered(128))
    assert light_border(np.full((3, 1, 1), 200, np.uint8))


@pytest.mark.parametrize(
    ("shades", "polarity", "invert"),
    [((0, 9), "light on dark", "light borders"), ((255, 200), "dark on light", "never"),
     ((0, 255), "mixed", "never")],
)  # fmt: skip
def test_images_of_unknown_making_are_measured_at_their_borders(
    shades: tuple[int, ...], polarity: str, invert: str
) -> None:
    record = PictureRecord.from_json(measured_record(np.stack([_bordered(s) for s in shades])))
    assert (record.polarity, record.invert, record.fit) == (polarity, invert, "")
    assert record.shape == (1, 6, 5)


def test_colours_are_never_inverted_by_themselves() -> None:
    record = PictureRecord.from_json(measured_record(np.stack([_bordered(0, 3)])))
    assert (record.polarity, record.invert) == ("light on dark", "never")


@pytest.mark.parametrize(
    "images", [np.zeros((2, 1, 3, 3), np.float32), np.zeros((2, 2, 3, 3), np.uint8)]
)
def test_what_is_no_picture_has_no_record(images) -> None:
    assert measured_record(images) == ""
