from pathlib import Path

import numpy as np
import pytest

import mycaffe_py.data.digits.builtin as builtin
from mycaffe_py.errors import MyCaffeError, UserError
from tests.data.digits.make_digits28 import make, to_28x28


@pytest.mark.parametrize(("split", "count"), [("training", 1437), ("testing", 360)])
def test_digits28(split: str, count: int) -> None:
    source = builtin.read_source("digits28", split)
    assert source.images.shape == (count, 1, 28, 28)
    per_label = np.bincount(source.labels)
    assert len(per_label) == 10
    assert per_label.max() - per_label.min() <= 7
    assert source.images.max() == 255
    assert "CC BY 4.0" in source.description


def test_it_is_small_and_credited() -> None:
    folder = Path(builtin.__file__).parent
    assert (folder / "digits28.npz").stat().st_size < 200_000
    credit = (folder / "digits28.txt").read_text()
    assert "CC BY 4.0" in credit
    assert "Alpaydin" in credit


def test_digits_sit_as_in_mnist() -> None:
    images = builtin.read_source("digits28", "training").images[:, 0] / 255.0
    assert (images[:, :, 0] == 0).all()
    heights = (images.max(axis=2) > 0).sum(axis=1)
    widths = (images.max(axis=1) > 0).sum(axis=1)
    assert np.maximum(heights, widths).max() <= 20
    mass = images.sum(axis=(1, 2))
    centre = (images.sum(axis=2) * np.arange(28)).sum(axis=1) / mass
    assert np.abs(centre - 13.5).max() < 2.1


def test_no_image_is_in_both_splits() -> None:
    training = builtin.read_source("digits28", "training").images
    testing = builtin.read_source("digits28", "testing").images
    seen = {image.tobytes() for image in training}
    assert not [image for image in testing if image.tobytes() in seen]


@pytest.mark.slow
def test_the_script_makes_the_shipped_file() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn has the original digits")
    made = make()
    with np.load(Path(builtin.__file__).with_name("digits28.npz")) as shipped:
        assert sorted(shipped.files) == sorted(made)
        for split in builtin.SPLITS:
            assert np.array_equal(made[f"{split}_labels"], shipped[f"{split}_labels"])
            levels = builtin._unpacked(made[f"{split}_packed"]).astype(int)
            there = builtin._unpacked(shipped[f"{split}_packed"]).astype(int)
            # Another version of the picture library may round a few pixels the other way.
            assert np.abs(levels - there).max() <= 17
            assert (levels != there).mean() < 0.01


def test_a_digit_keeps_its_aspect() -> None:
    cells = np.zeros((8, 8))
    cells[1:7, 3:5] = 16
    rows, columns = np.nonzero(to_28x28(cells) > 7)
    assert rows.max() - rows.min() + 1 == 20
    assert 5 <= columns.max() - columns.min() + 1 <= 8


def test_unknown_split() -> None:
    with pytest.raises(UserError, match=r"no split 'test'\. Did you mean 'testing'"):
        builtin.read_source("digits28", "test")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_a_damaged_installation_says_so(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtin, "__file__", str(tmp_path / "builtin.py"))
    (tmp_path / "digits28.npz").write_bytes(content)
    with pytest.raises(MyCaffeError, match=r"is damaged.*Install mycaffe-py again"):
        builtin.read_source("digits28", "training")


def test_changed_pixels_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with np.load(Path(builtin.__file__).with_name("digits28.npz")) as shipped:
        arrays = {name: shipped[name].copy() for name in shipped.files}
    arrays["training_packed"][5, 10, 7] ^= 0x10
    np.savez_compressed(tmp_path / "digits28.npz", **arrays)
    monkeypatch.setattr(builtin, "__file__", str(tmp_path / "builtin.py"))
    with pytest.raises(MyCaffeError, match="is damaged: checksum"):
        builtin.read_source("digits28", "training")
