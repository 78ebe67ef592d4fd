"""ImageSegData: a picture and its labels are cut, filled up and mirrored alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun

_SIZES = ((6, 8), (9, 5))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two gray pictures whose labels are their grays, in a list of pairs and one of classes."""
    random = np.random.default_rng(0)
    for number, size in enumerate(_SIZES):
        pixels = random.integers(0, 200, size).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(tmp_path / f"labels{number}.png")
    (tmp_path / "pairs").write_text("0.png labels0.png\n\n1.png labels1.png\n")
    (tmp_path / "classes").write_text("0.png 7\n1.png 255\n")
    return tmp_path


def _run(
    folder: Path, options: str, change: str = "", tops: int = 3, phase: int = pb.TRAIN
) -> LayerRun:
    names = " ".join(f'top: "y{k}"' for k in range(tops))
    text = f"""layer {{ name: "seg" type: "ImageSegData" {names}
        transform_param {{
            {change} }}
        image_data_param {{ root_folder: "{folder}/" is_color: false
            {options} }} }}"""
    return LayerRun(text, [], phase=phase)


def _pixels(folder: Path, number: int) -> np.ndarray:
    return np.asarray(Image.open(folder / f"{number}.png")).astype(float)


@pytest.mark.parametrize("phase", [pb.TRAIN, pb.TEST])
def test_cut_filled_up_and_mirrored_alike(folder: Path, phase: int) -> None:
    change = "crop_size: 7 mean_value: 3 scale: 2 mirror: true"
    options = f'source: "{folder}/pairs" batch_size: 2'
    data, label, size = _run(folder, options, change, phase=phase).forward()
    assert data.shape == label.shape == (2, 1, 7, 7)
    assert size.tolist() == [[[[6, 7]]], [[[7, 5]]]]
    filled = label == 255
    # One row is missing in the first picture and two columns in the second.
    assert filled[0].sum() == 7 and filled[1].sum() == 14
    np.testing.assert_array_equal(data[filled], 0)
    np.testing.assert_allclose(data[~filled], 2 * (label[~filled] - 3))


def test_the_middle_outside_training(folder: Path) -> None:
    options = f'source: "{folder}/pairs"'
    _, label, _ = _run(folder, options, "crop_size: 4", phase=pb.TEST).forward()
    np.testing.assert_array_equal(label[0, 0], _pixels(folder, 0)[1:5, 2:6])


def test_labels_are_not_mixed_where_pictures_are_resized(folder: Path) -> None:
    options = f'source: "{folder}/pairs" batch_size: 2 new_height: 3 new_width: 4'
    _, label = _run(folder, options, tops=2).forward()
    assert label.shape == (2, 1, 3, 4)
    np.testing.assert_array_equal(label[0, 0], _pixels(folder, 0)[::2, ::2])


def test_resized_alike_by_one_of_the_factors(folder: Path) -> None:
    change = "scale_factors: 2 scale_factors: 0.5 crop_height: 12 crop_width: 16"
    options = f'source: "{folder}/pairs" batch_size: 40'
    data, label, _ = _run(folder, options, change, phase=pb.TEST).forward()
    assert data.shape == label.shape == (40, 1, 12, 16)
    first = label[::2, 0]
    # 6 x 8 twice as large fills the crop, half as large leaves the most of it empty.
    filled = {int((one == 255).sum()) for one in first}
    assert filled == {0, 12 * 16 - 3 * 4}
    large = next(one for one in first if not (one == 255).any())
    np.testing.assert_array_equal(large, _pixels(folder, 0).repeat(2, 0).repeat(2, 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("scale_factors: 2", "scale_factors without a size"),
        ("scale_factors: -1 crop_size: 4", "scale_factors -1"),
        ("crop_height: 4", "either crop_size, or crop_height and crop_width"),
        ("crop_height: 4 crop_width: 4 crop_size: 3", "either crop_size, or"),
    ],
)
def test_sizes_that_are_none(folder: Path, change: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        _run(folder, f'source: "{folder}/pairs"', change)


def _dense(folder: Path, options: str, change: str = "", phase: int = pb.TRAIN) -> LayerRun:
    text = f"""layer {{ name: "seg" type: "DenseImageData" top: "data" top: "label"
        transform_param {{
            {change} }}
        dense_image_data_param {{ root_folder: "{folder}/" is_color: false
            {options} }} }}"""
    return LayerRun(text, [], phase=phase)


@pytest.mark.parametrize("phase", [pb.TRAIN, pb.TEST])
def test_segnets_pairs_are_cut_and_mirrored_alike_in_every_phase(folder: Path, phase: int) -> None:
    options = f'source: "{folder}/pairs" batch_size: 20 crop_height: 3 crop_width: 4 mirror: true'
    data, label = _dense(folder, options, "mean_value: 3 scale: 2", phase).forward()
    assert data.shape == label.shape == (20, 1, 3, 4)
    np.testing.assert_allclose(data, 2 * (label - 3))
    assert len({one.tobytes() for one in label}) > 4


def test_enets_labels_are_smaller(folder: Path) -> None:
    options = f'source: "{folder}/pairs" batch_size: 1 label_divide_factor: 2'
    data, label = _dense(folder, options).forward()
    assert data.shape == (1, 1, 6, 8) and label.shape == (1, 1, 3, 4)
    np.testing.assert_array_equal(label[0, 0], _pixels(folder, 0)[::2, ::2])


@pytest.mark.parametrize(
    ("options", "change", "words"),
    [
        ("batch_size: 1 label_divide_factor: 0", "", "label_divide_factor 0"),
        ("batch_size: 1 label_divide_factor: 2 crop_height: 2 crop_width: 2", "", "with a crop"),
        ("batch_size: 2", "", "first picture has 6x8"),
        ("batch_size: 1 crop_height: 9 crop_width: 5", "", "at least 9x5, which are cut out"),
        ("batch_size: 1 crop_height: 9", "", "both"),
        ("batch_size: 1", "mirror: true", "transform_param has mirror"),
        ("batch_size: 1", "crop_size: 3", "transform_param has crop_size"),
        ("", "", "batch_size is 0"),
    ],
)
def test_segnets_options_that_do_not_fit(
    folder: Path, options: str, change: str, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        _dense(folder, f'source: "{folder}/pairs" {options}', change).forward()


@pytest.mark.parametrize(
    ("options", "wanted"),
    [("label_type: IMAGE", 7), ("label_type: NONE ignore_label: 9", 9)],
)
def test_one_label_for_all_pixels(folder: Path, options: str, wanted: int) -> None:
    _, label, _ = _run(folder, f'source: "{folder}/classes" {options}').forward()
    assert label.shape == (1, 1, 6, 8) and set(label.reshape(-1)) == {wanted}


@pytest.mark.parametrize(
    ("lines", "options", "change", "line", "words"),
    [
        ("0.png", "", "", 1, "'0.png' is no picture with its label"),
        ("0.png 1.png x", "", "", 1, "is no picture with its label"),
        ("0.png 1.5", "label_type: IMAGE", "", 1, "label '1.5'"),
        ("\n0.png 256", "label_type: IMAGE", "", 2, "label '256'"),
        ("", "", "", 5, "is empty"),
        ("0.png labels0.png", "batch_size: 0", "", 6, "batch_size is 0"),
        ("0.png labels0.png", "new_width: 3", "", 6, "new_width alone"),
        ("0.png labels0.png", "ignore_label: 256", "", 6, "ignore_label is 256"),
        ("0.png labels0.png", "rand_skip: 2", "", 6, "rand_skip is 2"),
        ("0.png labels0.png", "", "mean_file: 'm'", 3, "mean_file"),
        ("0.png labels0.png", "", "mean_value: 1 mean_value: 2", 3, "2 mean_value"),
        ("none.png labels0.png", "", "", 1, "none.png cannot be read"),
    ],
)
def test_what_cannot_be(
    folder: Path, lines: str, options: str, change: str, line: int, words: str
) -> None:
    (folder / "bad").write_text(lines)
    with pytest.raises(UserError) as caught:
        _run(folder, f'source: "{folder}/bad"\n{options}', change)
    assert words in caught.value.found
    assert caught.value.where is not None
    assert caught.value.where.line == line


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("0.png labels1.png", "labels1.png has 9x5 pixels"),
        ("0.png labels0.png\n1.png labels1.png", "1.png has 9x5 pixels"),
        ("0.png none.png", "none.png cannot be read"),
    ],
)
def test_pictures_that_do_not_fit(folder: Path, lines: str, words: str) -> None:
    (folder / "bad").write_text(lines)
    run = _run(folder, f'source: "{folder}/bad" batch_size: 2')
    with pytest.raises(UserError, match=words):
        run.forward()
