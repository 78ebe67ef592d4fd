import os
import shutil
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.digits import mnist
from mycaffe_py.data.digits.download import UnreachableError
from mycaffe_py.data.digits.idx import IMAGES_MAGIC, LABELS_MAGIC
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.database_reading import read_source
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.data.digits.test_idx import IMAGES, LABELS

FOLDER = os.environ.get("MYCAFFE_MNIST", "")
needs_mnist = pytest.mark.skipif(
    not FOLDER, reason="MYCAFFE_MNIST names no folder with the four IDX files"
)
STEMS = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


@pytest.fixture
def own_set(tmp_path):
    """A set of three images in MNIST's four files."""
    folder = tmp_path / "own"
    folder.mkdir()
    for stem in STEMS:
        (folder / f"{stem}-ubyte").write_bytes(IMAGES if "images" in stem else LABELS)
    return folder


def test_a_set_of_ones_own(own_set) -> None:
    sources = mnist.read_folder(own_set, "OWN", check=False)
    assert sources["training"].name == "OWN.training"
    assert sources["testing"].shape == (1, 4, 5)
    assert sources["testing"].labels.tolist() == [7, 0, 9]


def test_gray_pictures_stand_in_three_channels(own_set) -> None:
    gray = mnist.read_folder(own_set, "OWN", check=False)["training"]
    colour = mnist.read_folder(own_set, "OWN", check=False, channels=3)["training"]
    assert colour.shape == (3, 4, 5)
    for channel in range(3):
        assert np.array_equal(colour.images[:, channel], gray.images[:, 0])


def test_another_set_is_not_mnist(own_set) -> None:
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte: .*sha256.*ba891046"):
        mnist.read_folder(own_set)


def test_dots_in_file_names_are_known(own_set) -> None:
    for stem in STEMS:
        (own_set / f"{stem}-ubyte").rename(own_set / f"{stem.replace('-idx', '.idx')}-ubyte")
    assert len(mnist.read_folder(own_set, check=False)) == 2


def test_a_missing_file_is_named(own_set) -> None:
    (own_set / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match=r"t10k-labels-idx1-ubyte\[\.gz\] is missing in .*own"):
        mnist.read_folder(own_set, check=False)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        mnist.read_folder(tmp_path / "nowhere")


def test_counts_must_agree(own_set) -> None:
    (own_set / "train-labels-idx1-ubyte").write_bytes(LABELS[:7] + bytes([2, 7, 0]))
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte: 2 labels for the 3 images"):
        mnist.read_folder(own_set, check=False)


def test_offline_says_so(tmp_path: Path, digits_only: None) -> None:
    reason = mnist.create_if_possible(tmp_path / "MNIST.sqlite")
    assert reason == "MYCAFFE_OFFLINE is set, so no download was tried"


def test_a_broken_folder_is_an_error_not_a_reason(
    tmp_path: Path, own_set, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_MNIST", str(own_set))
    with pytest.raises(UserError, match="sha256"):
        mnist.create_if_possible(tmp_path / "MNIST.sqlite")


@pytest.fixture
def online(monkeypatch, digits_only):
    """A network of our own: tests put what `download` does here."""
    monkeypatch.delenv("MYCAFFE_OFFLINE")
    mnist._fetch.cache_clear()
    yield lambda does: monkeypatch.setattr(mnist, "download", does)
    mnist._fetch.cache_clear()


def test_mirrors_that_do_not_answer_are_asked_once(tmp_path: Path, online) -> None:
    asked = []

    def download(url, path, limit):
        asked.append(url)
        raise UnreachableError(f"{url} is down")

    online(download)
    path = tmp_path / "MNIST.sqlite"
    first = mnist.create_if_possible(path)
    assert "is down; https" in first
    assert mnist.create_if_possible(path) == first
    assert len(asked) == 2


def test_a_folder_that_cannot_be_made_is_a_reason_too(tmp_path: Path, online) -> None:
    """So that a stand-in takes its place, as without a network."""
    online(lambda url, path, limit: pytest.fail("nothing can be kept of what is fetched"))
    (tmp_path / "file").touch()
    reason = mnist.create_if_possible(tmp_path / "file" / "MNIST.sqlite")
    assert "/file' cannot be made or written: Not a directory; MYCAFFE_DATA=FOLDER" in reason


def test_a_mirror_with_wrong_bytes_is_refused(tmp_path: Path, online) -> None:
    online(lambda url, path, limit: path.write_bytes(IMAGES))
    reason = mnist.create_if_possible(tmp_path / "MNIST.sqlite")
    assert "uncompressed bytes have sha256" in reason
    assert not (tmp_path / "MNIST.sqlite").exists()


@pytest.mark.slow
@needs_mnist
def test_the_second_mirror_helps_out(tmp_path: Path, online) -> None:
    def download(url, path, limit):
        if "ossci" in url:
            raise UnreachableError("down")
        shutil.copyfile(Path(FOLDER) / path.name, path)

    online(download)
    path = tmp_path / "MNIST.sqlite"
    assert mnist.create_if_possible(path) is None
    assert len(read_source(path, "MNIST", "testing")) == 10_000


@pytest.fixture(scope="module")
def real():
    return mnist.read_folder(Path(FOLDER))


@needs_mnist
def test_the_real_one(real) -> None:
    training, testing = real["training"], real["testing"]
    assert training.images.shape == (60_000, 1, 28, 28)
    assert testing.images.shape == (10_000, 1, 28, 28)
    assert np.bincount(testing.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert training.mean().mean() == pytest.approx(33.318421, abs=1e-4)


@pytest.mark.slow
@needs_mnist
def test_it_opens_at_once(real, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dataset_path("MNIST")
    write_dataset(path, "MNIST", real)
    times = []
    for _ in range(5):
        start = time.process_time()
        source = open_source("MNIST.training")
        times.append(time.process_time() - start)
    assert np.array_equal(source.images, real["training"].images)
    assert source.checksum == real["training"].checksum
    # 80-90 ms of one core (2020s Xeon). Processor time, as other programs may keep it waiting.
    assert min(times) < 0.2


def test_a_large_set_is_not_read_into_memory(tmp_path: Path) -> None:
    """600 images of 40,000 bytes: 24 MB."""
    for stem, count in (("train", 600), ("t10k", 10)):
        pixels = bytes(range(250)) * (count * 160)
        images = IMAGES_MAGIC.to_bytes(4, "big") + np.array([count, 200, 200], ">u4").tobytes()
        (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(images + pixels)
        labels = LABELS_MAGIC.to_bytes(4, "big") + np.array([count], ">u4").tobytes()
        content = labels + (np.arange(count) % 10).astype(np.uint8).tobytes()
        (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(content)
    tracemalloc.start()
    try:
        mnist.create(tmp_path / "BIG.sqlite", tmp_path, "BIG", check=False)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
