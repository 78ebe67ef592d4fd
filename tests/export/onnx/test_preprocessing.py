"""What stands in front of a net brings pictures and windows to it as the data layer did."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.counters.scaling import fitted
from mycaffe_py.data.pictures.picture import read_as
from mycaffe_py.data.pictures.picture_record import ALWAYS, LIGHT_BORDERS, NEVER, PictureRecord
from mycaffe_py.data.transform.transform import Transform, TransformSettings
from mycaffe_py.export.onnx.onnx_file import write_onnx
from mycaffe_py.export.onnx.onnx_net import OnnxNet, Op, Port
from mycaffe_py.export.onnx.preprocessing import with_preprocessing
from tests.export.opened import Array


def _session(
    like: ArraySource, transform: Transform, path: Path, kind: str = ""
) -> onnxruntime.InferenceSession:
    """A net that passes its input on, behind the preprocessing."""
    dims = ("N", *transform.out_shape)
    net = OnnxNet(
        "passing",
        (Op("Identity", "pass", ("data",), ("y",), {}),),
        {},
        (Port("data", dims),),
        (Port("y", dims),),
    )
    write_onnx(path, with_preprocessing(net, like, transform, kind))
    return onnxruntime.InferenceSession(path)


def _like(shape: tuple[int, int, int], invert: str = NEVER) -> ArraySource:
    channels, height, width = shape
    record = PictureRecord(width, height, channels == 1, invert=invert)
    made = make_source("X.training", np.zeros((1, *shape), np.uint8), np.zeros(1, np.int64))
    return dataclasses.replace(made, pictures=record.to_json())


def _expected(transform: Transform, images: Array) -> Array:
    y = np.empty((len(images), 1, *transform.out_shape), np.float32)
    transform.apply(images, np.arange(len(images)), 0, y)
    return y[:, 0]


@pytest.mark.parametrize("invert", [NEVER, ALWAYS, LIGHT_BORDERS])
@pytest.mark.parametrize(("gray", "colours"), [(True, 3), (True, 1), (False, 3), (False, 1)])
def test_pictures_are_read_as_files_are(
    invert: str, gray: bool, colours: int, tmp_path: Path
) -> None:
    random = np.random.default_rng(2)
    pictures = random.integers(0, 256, (8, 7, 6, colours), np.uint8)
    pictures[:4] //= 2
    like = _like((1 if gray else 3, 7, 6), invert)
    transform = Transform(TransformSettings(scale=0.5), like.shape)
    record = PictureRecord.from_json(like.pictures)
    images = []
    for picture in pictures:
        Image.fromarray(picture.squeeze()).save(tmp_path / "it.png")
        images.append(read_as(tmp_path / "it.png", record).pixels)
    session = _session(like, transform, tmp_path / "it.onnx")
    (found,) = session.run(None, {"pictures": pictures})
    np.testing.assert_array_equal(found, _expected(transform, np.stack(images)))


def test_neither_two_nor_four_channels_are_taken(tmp_path: Path) -> None:
    like = _like((1, 7, 6))
    session = _session(like, Transform(TransformSettings(), like.shape), tmp_path / "it.onnx")
    for channels in (0, 2, 4):
        with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
            session.run(None, {"pictures": np.zeros((1, 7, 6, channels), np.uint8)})


@pytest.mark.parametrize("stored", [1, 3])
@pytest.mark.parametrize("channels", ["gray", "color", ""])
def test_the_transform_is_that_of_a_test(stored: int, channels: str, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    like = _like((stored, 7, 6))
    count = {"gray": 1, "color": 3}.get(channels, stored)
    mean = random.uniform(0, 99, (count, 7, 6)).astype(np.float32)
    settings = TransformSettings(
        scale=0.25, crop_size=4, channels=channels, bgr=channels == "", mean=mean
    )
    transform = Transform(settings, like.shape)
    images = random.integers(0, 256, (5, stored, 7, 6), np.uint8)
    session = _session(like, transform, tmp_path / "it.onnx")
    (found,) = session.run(None, {"pictures": images.transpose(0, 2, 3, 1)})
    np.testing.assert_array_equal(found, _expected(transform, images))


@pytest.mark.parametrize("kind", ["", "float32"])
def test_windows_are_scaled_as_the_net_learned(kind: str, tmp_path: Path) -> None:
    windows = np.random.default_rng(1).normal(0, 1e4, (9, 5, 2))
    counters = fitted(windows, ("x", "y"), ("", ""), 1.0, "time")
    images = counters.scaled(windows)
    made = make_source("X.training", images, np.zeros(9, np.int64))
    like = dataclasses.replace(made, counters=counters.to_json())
    transform = Transform(TransformSettings(), like.shape)
    session = _session(like, transform, tmp_path / "it.onnx", kind)
    (found,) = session.run(None, {"windows": windows.astype(kind or "float64")})
    np.testing.assert_allclose(found, images, atol=1e-6)
