import numpy as np
import pytest

from mycaffe_py.data.transform.list_transform import ListTransform, color_choice, list_transform
from mycaffe_py.data.transform.transform import Augment, Transform, TransformSettings
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.text import read_text

RANDOM = np.random.default_rng(2)
SAME = RANDOM.integers(0, 256, (6, 3, 9, 8)).astype(np.uint8)
SIZES = [(9, 8), (4, 4), (7, 5), (9, 8), (4, 30), (12, 4)]
MIXED = [RANDOM.integers(0, 256, (3, *size)).astype(np.uint8) for size in SIZES]
VALUES = np.array([100, 50, 25], dtype=np.float32)


def _mean(shape):
    return np.ascontiguousarray(np.broadcast_to(VALUES.reshape(3, 1, 1), shape))


def _settings(**more):
    return TransformSettings(scale=0.5, mirror=True, crop_size=4, mean=_mean((3, 9, 8)), **more)


def _transform(train, values=VALUES, **more):
    return ListTransform(_settings(**more), (3, 9, 8), train, 6, "x", values)


def _apply(transform, images, batch=3):
    y = np.full((len(images), *transform.out_shape), np.nan, np.float32)
    transform.apply_list(images, batch, y, lambda place: f"picture {place}")
    assert np.isfinite(y).all()
    return y


@pytest.mark.parametrize("train", [True, False])
def test_equal_sizes_are_transformed_as_a_source_is(train: bool) -> None:
    plain = Transform(_settings(), (3, 9, 8), train, 6, "x")
    wanted = np.empty((6, 1, 3, 4, 4), np.float32)
    plain.apply(SAME, np.arange(6), 3, wanted)
    assert np.array_equal(_apply(_transform(train), list(SAME)), wanted[:, 0])


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("augment", [Augment(), Augment(shift=2, rotate=20)])
def test_each_picture_is_transformed_as_if_all_had_its_size(train: bool, augment) -> None:
    found = _apply(_transform(train, augment=augment), MIXED)
    for place, image in enumerate(MIXED):
        settings = TransformSettings(
            scale=0.5, mirror=True, crop_size=4, mean=_mean(image.shape), augment=augment
        )
        alike = Transform(settings, image.shape, train, 6, "x")
        wanted = np.empty((6, 1, 3, 4, 4), np.float32)
        alike.apply(image[np.newaxis], np.zeros(6, np.int64), 3, wanted)
        assert np.array_equal(found[place], wanted[place, 0])


def test_windows_of_every_corner_occur() -> None:
    image = np.arange(3 * 6 * 5, dtype=np.uint8).reshape(3, 6, 5)
    settings = TransformSettings(crop_size=4)
    transform = ListTransform(settings, (3, 9, 8), True, 6, "x")
    found = _apply(transform, [image] * 300)
    corners = {int(row[0, 0, 0]) for row in found}
    assert corners == {5 * top + left for top in range(3) for left in range(2)}


def test_floats_and_bytes_in_one_batch() -> None:
    transform = ListTransform(TransformSettings(), (3, 9, 8), False, 6, "x")
    found = _apply(transform, [SAME[0], SAME[1].astype(np.float32) + 0.5])
    assert np.array_equal(found[0], SAME[0])
    assert np.array_equal(found[1], SAME[1] + np.float32(0.5))


@pytest.mark.parametrize(
    ("shape", "settings", "values", "said"),
    [
        ((1, 9, 8), _settings(), VALUES, "picture 1 has 1 channels; the first picture has 3"),
        ((3, 3, 9), _settings(), VALUES, r"picture 1 has 3x9 pixels.*; crop_size is 4"),
        (
            (3, 9, 9),
            TransformSettings(),
            None,
            r"the first picture has 9x8 pixels.*or give crop_size, or batch_size 1",
        ),
        ((3, 9, 9), _settings(), None, r"the mean_file is for 9x8"),
    ],
)
def test_pictures_that_do_not_fit(shape: tuple[int, ...], settings, values, said: str) -> None:
    transform = ListTransform(settings, (3, 9, 8), True, 6, "x", values)
    with pytest.raises(UserError, match=said):
        _apply(transform, [SAME[0], np.zeros(shape, np.uint8)])


def _layer(text):
    parsed = read_text(f'layer {{ name: "x" {text} }}', pb.NetParameter, "net.prototxt")
    return parsed.message.layer[0], parsed.locations.under("layer", 0)


def test_of_a_layer() -> None:
    layer, where = _layer(
        "transform_param { crop_size: 4 mirror: true scale: 0.5 force_color: true color_order: BGR"
        " mean_value: 100 mean_value: 50 mean_value: 25 random_seed: 6 }"
    )
    transform = list_transform(layer, "list", (3, 9, 8), True, 1, where)
    assert transform.purpose == "train/x"
    transform.purpose = "x"
    assert np.array_equal(_apply(transform, MIXED), _apply(_transform(True), MIXED))


def test_the_mean_of_the_database_is_not_there() -> None:
    layer, where = _layer("transform_param { use_imagedb_mean: true }")
    with pytest.raises(UserError, match=r"net\.prototxt:1: 'list' is no source of the image data"):
        list_transform(layer, "list", (3, 9, 8), True, 1, where)


def test_colors() -> None:
    def choice(text):
        return color_choice(_layer(f"transform_param {{ {text} }}")[0].transform_param, where)

    where = Locations.none()
    assert choice("") == ("", True)
    assert choice("force_color: true color_order: BGR") == ("color", True)
    assert choice("force_gray: true color_order: RGB") == ("gray", False)
    with pytest.raises(UserError, match="exclude each other"):
        choice("force_gray: true force_color: true")
