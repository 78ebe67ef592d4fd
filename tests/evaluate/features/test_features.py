from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import table_folder
from mycaffe_py.data.pictures.picture_fit import resized
from mycaffe_py.data.source import open_source
from mycaffe_py.data.transform.transform import TransformSettings
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.evaluate.features.feature_base import FeatureNet, open_base
from mycaffe_py.evaluate.features.feature_images import FeatureImages
from mycaffe_py.evaluate.features.features import Wanted, make_features
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.evaluate.bases import DEPLOY, write_base

SCALE = pb.TransformationParameter(scale=1 / 256)


class Bar:
    def __init__(self):
        self.done = []

    def update(self, count):
        self.done.append(count)


def _base(folder, seed=1):
    model, weights = write_base(folder, seed=seed)
    return open_base(str(model), weights)


def _make(base, source="digits28.testing", param=SCALE, **wanted):
    return make_features(
        base, param, open_source(source), Wanted(**{"blob": "fc", "name": "T"} | wanted),
        lambda *_: nullcontext(Bar()),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rows_are_features_of_the_images(tmp_path: Path, dtype: str) -> None:
    base = _base(tmp_path)
    table = _make(base, dtype=dtype, batch=7)
    source = open_source("digits28.testing")
    assert np.array_equal(table.labels, source.labels)
    assert table.label_names == source.label_names
    net = FeatureNet(base, "fc", 7)
    images = FeatureImages(source, TransformSettings(scale=1 / 256), 1, 0)
    for start in (0, 70, 357):
        count = min(7, len(source) - start)
        images.write(start, net.input_rows(count))
        wanted = net.features(count).astype(dtype)
        assert np.array_equal(table.images[start : start + count].reshape(count, -1), wanted)
    assert open_source("T.testing").checksum == table.checksum


def test_variants_stand_behind_each_other(tmp_path: Path) -> None:
    base = _base(tmp_path)
    plain = _make(base, name="P")
    table = _make(base, variants=3, seed=5)
    assert len(table) == 3 * len(plain)
    assert np.array_equal(table.labels, np.repeat(plain.labels, 3))
    np.testing.assert_allclose(table.images[::3], plain.images, rtol=1e-4, atol=1e-5)
    assert not np.allclose(table.images[1::3], plain.images, rtol=1e-2)
    assert table.card.augment.startswith("shift: 2")
    given = pb.AugmentParameter(flip=1)
    flipped = _make(base, name="F", variants=2, augment=given)
    assert flipped.card.augment.split() == ["flip:", "1.0"]
    assert not np.array_equal(flipped.images[1::2], table.images[1::3])


def test_made_twice_is_made_once(tmp_path: Path) -> None:
    base = _base(tmp_path)
    _make(base)
    rows = table_folder("T") / "testing.rows"
    before = rows.stat()
    _make(base)
    assert rows.stat().st_mtime_ns == before.st_mtime_ns
    _make(base, force=True)
    assert rows.stat().st_mtime_ns != before.st_mtime_ns


def test_the_batch_is_as_large_as_one_likes(tmp_path: Path) -> None:
    base = _base(tmp_path)
    one, other = _make(base, batch=1), _make(base, batch=100, name="U")
    np.testing.assert_allclose(one.images, other.images, rtol=1e-4, atol=1e-5)


def test_another_base_needs_force(tmp_path: Path) -> None:
    base = _base(tmp_path)
    _make(base)
    _make(base, "digits28.training")
    (tmp_path / "two").mkdir()
    other = _base(tmp_path / "two", seed=2)
    with pytest.raises(UserError, match=r"table 'T.testing' of another weights.*--force"):
        _make(other)
    for wrong, told in (({"blob": "conv"}, "size, blob"), ({"dtype": "float16"}, "dtype")):
        with pytest.raises(UserError, match=f"of another {told}"):
            _make(base, **wrong)
    with pytest.raises(UserError, match="of another transform"):
        _make(base, param=pb.TransformationParameter(scale=1))
    _make(other, force=True)
    assert [path.name for path in sorted(table_folder("T").iterdir())] == [
        "testing.json", "testing.labels", "testing.rows",
    ]  # fmt: skip


def test_splits_have_one_base(tmp_path: Path) -> None:
    _make(_base(tmp_path))
    (tmp_path / "two").mkdir()
    with pytest.raises(UserError, match=r"split 'testing' of 'T' is of another base"):
        _make(_base(tmp_path / "two", seed=2), "digits28.training")


def test_names(tmp_path: Path) -> None:
    base = _base(tmp_path)
    assert _make(base, name="").name == "digits28_fc.testing"
    with pytest.raises(UserError, match="there is a dataset 'digits28' already"):
        _make(base, name="digits28")
    with pytest.raises(UserError, match="no dataset name"):
        _make(base, name="../x")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"batch": 0}, "--batch is 0"),
        ({"variants": 0}, "--augment is 0"),
        ({"dtype": "int8"}, "--dtype is 'int8'; float32 or float16"),
        ({"seed": -1}, "--seed is -1"),
        ({"augment": pb.AugmentParameter(zoom=3), "variants": 2}, "zoom is 3"),
        ({"param": pb.TransformationParameter(crop_size=20)}, r"images of \(1, 20, 20\); blob"),
    ],
)
def test_mistakes(tmp_path: Path, wanted, message: str) -> None:
    with pytest.raises(UserError, match=message):
        _make(_base(tmp_path), **wanted)
    assert not table_folder("T").exists()


def _deep():
    """As many BatchNorm layers as it takes to leave float32, each 316 times the one before."""
    size = "shape { dim: 1 dim: 1 dim: 28 dim: 28 }"
    lines = [f'layer {{ name: "data" type: "Input" top: "y0" input_param {{ {size} }} }}']
    for i in range(17):
        lines.append(f'layer {{ name: "bn{i}" type: "BatchNorm" bottom: "y{i}" top: "y{i + 1}" }}')
    return "\n".join(lines)


def _unlearned(folder):
    folder.mkdir()
    model, weights = write_base(folder, _deep())
    return open_base(str(model), weights)


def test_nan_of_batch_norm_without_statistics_is_named_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    base = _unlearned(tmp_path / "bad")
    with pytest.raises(MyCaffeError, match=r"BatchNorm layer 'bn0' and 16 more has no running st"):
        _make(base, blob="y17")
    (tmp_path / "good").mkdir()
    table = _make(_base(tmp_path / "good"))
    assert len(table) == 360


def test_images_are_resized_before_all_else(tmp_path: Path) -> None:
    base = _base(tmp_path)
    source = open_source("digits28.testing")
    pairs = [resized(image, 20, 14) for image in source.images]
    small = make_source("d.testing", np.stack(pairs), source.labels)
    (tmp_path / "small").mkdir()
    text = DEPLOY.replace("dim: 28 dim: 28", "dim: 20 dim: 14")
    model, weights = write_base(tmp_path / "small", text)
    smaller = open_base(str(model), weights)
    with pytest.raises(UserError, match="--resize brings them to a size"):
        _make(smaller)
    bar = lambda *_: nullcontext(Bar())  # noqa: E731
    for variants in (1, 3):
        name = f"R{variants}"
        table = _make(smaller, name=name, resize=(20, 14), variants=variants)
        wanted = Wanted("fc", f"S{variants}", variants=variants)
        assert np.array_equal(
            table.images, make_features(smaller, SCALE, small, wanted, bar).images
        )
        assert table.card.base.resize == "14x20"
        with pytest.raises(UserError, match="of another"):
            _make(base, name=name, variants=variants)
