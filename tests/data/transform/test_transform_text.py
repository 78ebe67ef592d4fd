from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.data.transform.transform import Augment
from mycaffe_py.data.transform.transform_text import transform_settings
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations, Place
from tests.data.made import small_source

LINES = {"scale": 2, "crop_size": 3, "mean_file": 4, "mean_value": 5, "force_gray": 6}
PLACES = {name: Place(line) for name, line in LINES.items()}
PLACES["augment_param"] = Place(7, {"zoom": Place(8)})
WHERE = Locations("net.prototxt", Place(1, PLACES))
COLOUR = small_source(shape=(3, 6, 8))


def _settings(source=COLOUR, **fields):
    return transform_settings(pb.TransformationParameter(**fields), source, WHERE)


def test_nothing_asked_for() -> None:
    settings = _settings()
    assert settings.scale == 1
    assert settings.mean is None
    assert settings.augment == Augment()


def test_all_of_it() -> None:
    augment = pb.AugmentParameter(
        shift=2, rotate=10, zoom=0.5, shear=0.25, probability=0.75, fill_value=3
    )
    settings = _settings(
        scale=0.5, mirror=True, crop_size=4, color_order="BGR", augment_param=augment
    )
    assert (settings.scale, settings.mirror, settings.crop_size) == (0.5, True, 4)
    assert settings.bgr
    assert settings.augment == Augment(2, 10, 0.5, 0.25, 0.75, 3)


def test_scale_operator_none_switches_scale_off() -> None:
    assert _settings(scale=0.5, scale_operator="NONE").scale == 1


def test_mean_values() -> None:
    assert (_settings(mean_value=[7]).mean == 7).all()
    mean = _settings(mean_value=[1, 2, 3]).mean
    assert mean.shape == (3, 6, 8)
    assert mean[:, 5, 7].tolist() == [1, 2, 3]
    assert _settings(mean_value=[1], force_gray=True).mean.shape == (1, 6, 8)


def test_the_mean_of_the_training_images() -> None:
    sources = {"training": COLOUR, "testing": small_source("S.testing", 4, 2, (3, 6, 8))}
    write_dataset(dataset_path("S"), "S", sources)
    testing = open_source("S.testing")
    assert np.array_equal(_settings(testing, use_imagedb_mean=True).mean, COLOUR.mean())
    bgr = _settings(testing, use_imagedb_mean=True, color_order="BGR").mean
    assert np.array_equal(bgr, COLOUR.mean()[::-1])
    gray = _settings(testing, use_imagedb_mean=True, force_gray=True).mean
    assert gray.shape == (1, 6, 8)


@pytest.fixture
def mean_file(tmp_path):
    def write(**fields):
        path = tmp_path / "mean.binaryproto"
        path.write_bytes(pb.BlobProto(**fields).SerializeToString())
        return str(path)

    return write


def test_mean_files_old_and_new(mean_file) -> None:
    values = np.arange(144.0)
    shapes = (
        {"num": 1, "channels": 3, "height": 6, "width": 8},
        {"shape": pb.BlobShape(dim=[3, 6, 8])},
        {"shape": pb.BlobShape(dim=[1, 3, 6, 8])},
    )
    for shape in shapes:
        mean = _settings(mean_file=mean_file(data=values, **shape)).mean
        assert np.array_equal(mean, values.reshape(3, 6, 8))
    doubled = mean_file(double_data=values, **shapes[0])
    assert np.array_equal(_settings(mean_file=doubled).mean, values.reshape(3, 6, 8))


def test_mean_files_that_do_not_fit(mean_file, tmp_path: Path) -> None:
    short = mean_file(data=[1.0], num=1, channels=3, height=6, width=8)
    with pytest.raises(UserError, match=r"net\.prototxt:4: .*\(1, 3, 6, 8\) with 1 values"):
        _settings(mean_file=short)
    other = mean_file(data=np.zeros(12), num=1, channels=3, height=2, width=2)
    with pytest.raises(UserError, match="the mean has their full size"):
        _settings(mean_file=other)
    with pytest.raises(UserError, match="cannot be read"):
        _settings(mean_file=str(tmp_path / "nowhere"))
    (tmp_path / "junk").write_bytes(b"\xff\xff\xff\xff")
    with pytest.raises(UserError, match="holds no BlobProto"):
        _settings(mean_file=str(tmp_path / "junk"))


BAD = [
    ({"scale": float("nan")}, r":2: scale is nan"),
    ({"crop_size": 7}, r":3: crop_size 7 is larger .*6x8 pixels"),
    ({"mean_file": "x", "mean_value": [1]}, r":5: mean_file and mean_value exclude"),
    ({"mean_value": [1, 2]}, r":5: 2 values in mean_value; one, or one for each of the 3"),
    ({"force_color": True, "force_gray": True}, r":6: force_color and force_gray exclude"),
    ({"augment_param": {"zoom": 1.5}}, r":8: zoom is 1\.5; it lies in 0 to 0\.9"),
    ({"augment_param": {"rotate": -1}}, r"rotate is -1"),
    ({"augment_param": {"shift": float("nan")}}, r"shift is nan"),
    ({"augment_param": {"shift": float("inf")}}, r"shift is inf"),
    ({"augment_param": {"probability": 2}}, r"probability is 2"),
    ({"augment_param": {"fill_value": float("inf")}}, r"fill_value is inf"),
    ({"scale_operator": "POW"}, r"scale_operator POW is not supported"),
    ({"forced_positive_range_max": 1}, r"forced_positive_range_max is not supported"),
]


@pytest.mark.parametrize(("fields", "match"), BAD)
def test_mistakes(fields, match) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt.*" + match):
        _settings(**fields)


def test_colours_that_cannot_be_had() -> None:
    with pytest.raises(UserError, match=r":6: .* has 2 channels; force_gray works on 1 or 3"):
        _settings(small_source(), force_gray=True)
