from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.transform.mean_file import read_mean, read_mean_file, running_mean, write_mean
from mycaffe_py.errors import UserError, Where
from mycaffe_py.proto.mycaffe_pb2 import BlobProto
from tests.data.stores import some_images

MEAN = np.random.default_rng(1).uniform(0, 255, (3, 4, 5)).astype(np.float32)


@pytest.mark.parametrize("name", ["mean.binaryproto", "mean.npy", "mean"])
def test_written_and_read(tmp_path: Path, name: str) -> None:
    write_mean(tmp_path / name, MEAN)
    assert np.array_equal(read_mean(tmp_path / name), MEAN)
    assert np.array_equal(read_mean_file(tmp_path / name, (3, 4, 5), Where("x")), MEAN)


def test_as_compute_image_mean_writes_it(tmp_path: Path) -> None:
    write_mean(tmp_path / "mean", MEAN)
    blob = BlobProto.FromString((tmp_path / "mean").read_bytes())
    assert (blob.num, blob.channels, blob.height, blob.width) == (1, 3, 4, 5)
    assert not blob.HasField("shape")
    assert np.array_equal(np.array(blob.data, np.float32), MEAN.ravel())


def test_arrays_of_other_kinds(tmp_path: Path) -> None:
    np.save(tmp_path / "mean.npy", MEAN[np.newaxis].astype(np.float64))
    found = read_mean(tmp_path / "mean.npy")
    assert found.dtype == np.float32
    assert np.array_equal(found, MEAN)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("mean.npy", b"no", r"net\.prototxt:3: mean_file .*mean\.npy holds no mean image: "),
        ("mean.npy", b"", "holds no mean image"),
        ("mean.proto", b"\xff\xff", "holds no BlobProto"),
        ("mean.proto", b"", r"mean_file .* is \(0, 0, 0, 0\)"),
        (
            "mean.proto",
            BlobProto(num=1, channels=2, data=[1]).SerializeToString(),
            "with 1 values",
        ),
        (
            "mean.proto",
            BlobProto(num=2, channels=1, height=1, width=1, data=[1, 2]).SerializeToString(),
            r"is \(2, 1, 1, 1\); a mean image is \(C, H, W\)",
        ),
    ],
)
def test_what_is_no_mean(tmp_path: Path, name: str, content, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_mean(tmp_path / name, Where("net.prototxt", 3))


def test_another_size_and_no_file(tmp_path: Path) -> None:
    write_mean(tmp_path / "mean", MEAN)
    with pytest.raises(
        UserError, match=r"is \(3, 4, 5\); the images of the source are \(3, 5, 5\)"
    ):
        read_mean_file(tmp_path / "mean", (3, 5, 5), Where("x"))
    with pytest.raises(UserError, match="cannot be read"):
        read_mean(tmp_path / "none")


def test_running_mean() -> None:
    images, _ = some_images()
    assert np.array_equal(running_mean(iter(images)), images.mean(axis=0).astype(np.float32))
    with pytest.raises(UserError, match=r"image 1 is \(2, 4, 4\); those before it are \(2, 5, 4\)"):
        running_mean([images[0], images[0][:, :4]])
    with pytest.raises(UserError, match="no images"):
        running_mean([])


def test_a_mean_of_nan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mean.npy"
    np.save(path, np.full((1, 2, 2), np.nan, np.float32))
    with pytest.raises(UserError, match=r"mean_file .*mean\.npy holds NaN"):
        read_mean(path)
