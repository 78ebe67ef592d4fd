import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.folder import read_folder, scan_folder
from mycaffe_py.errors import UserError


def _put(folder, count, shade=100, size=(6, 5), suffix="png"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", size, (shade, i, 0)).save(folder / f"{i}.{suffix}")


@pytest.fixture
def pets(tmp_path):
    _put(tmp_path / "pets" / "dog", 10, 200)
    _put(tmp_path / "pets" / "cat", 5, 100)
    return tmp_path / "pets"


def test_labels_follow_the_sorted_names(pets):
    scan = scan_folder(pets)
    assert scan.label_names == {0: "cat", 1: "dog"}
    source = read_folder(scan, "PETS").sources["training"]
    assert source.name == "PETS.training"
    assert source.shape == (3, 5, 6)
    assert source.labels.tolist() == [0] * 5 + [1] * 10
    assert source.images[6, :, 0, 0].tolist() == [200, 1, 0]
    assert source.label_names == scan.label_names


def test_numbers_are_sorted_as_numbers(tmp_path):
    for name in ("10", "9", "0"):
        _put(tmp_path / name, 1)
    assert scan_folder(tmp_path).label_names == {0: "0", 1: "9", 2: "10"}


def test_size_and_gray(pets):
    source = read_folder(scan_folder(pets), "P", size=(4, 3), gray=True).sources["training"]
    assert source.shape == (1, 3, 4)


def test_progress_counts_files(pets):
    seen = []
    read_folder(scan_folder(pets), "P", progress=seen.append)
    assert sum(seen) == 15


def test_splits_of_its_own(tmp_path, pets):
    pets.rename(tmp_path / "training")
    _put(tmp_path / "testing" / "dog", 2)
    sources = read_folder(scan_folder(tmp_path), "P").sources
    assert len(sources["training"]) == 15
    assert sources["testing"].labels.tolist() == [1, 1]
    assert sources["testing"].label_names[0] == "cat"


def test_a_share_of_each_class_for_testing(pets):
    scan = scan_folder(pets, test_percent=20)
    sources = read_folder(scan, "P").sources
    assert np.bincount(sources["training"].labels).tolist() == [4, 8]
    assert np.bincount(sources["testing"].labels).tolist() == [1, 2]
    assert scan == scan_folder(pets, test_percent=20)


def test_one_picture_stays_for_training(tmp_path):
    _put(tmp_path / "a", 1)
    _put(tmp_path / "b", 2)
    scan = scan_folder(tmp_path, test_percent=90)
    assert [(p.label, p.split) for p in scan.pictures].count((0, "training")) == 1
    assert sorted(p.split for p in scan.pictures if p.label == 1) == ["testing", "training"]


def test_other_files_are_passed_over_and_counted(pets):
    (pets / "cat" / "notes.txt").write_text("meow")
    (pets / "cat" / ".hidden.png").write_text("x")
    (pets / "README").write_text("x")
    scan = scan_folder(pets)
    assert len(scan.pictures) == 15
    assert scan.passed_over == 1


def test_unreadable_pictures_need_consent(pets):
    for i in range(7):
        (pets / "cat" / f"bad{i}.png").write_text("no")
    scan = scan_folder(pets)
    with pytest.raises(UserError) as caught:
        read_folder(scan, "P")
    text = str(caught.value)
    assert "7 of 22 pictures cannot be read" in text
    assert "bad0.png: no picture format" in text
    assert "and 2 more" in text
    assert "--skip-unreadable" in text
    read = read_folder(scan, "P", skip_unreadable=True)
    assert len(read.sources["training"]) == 15
    assert len(read.unreadable) == 7


def test_nothing_readable(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").write_text("no")
    with pytest.raises(UserError, match="no picture could be read"):
        read_folder(scan_folder(tmp_path), "P", skip_unreadable=True)


def test_several_sizes_need_one(pets):
    _put(pets / "dog", 1, size=(9, 9), suffix="gif")
    with pytest.raises(UserError, match=r"0\.gif has 9x9 pixels, while .* has 6x5.*--size"):
        read_folder(scan_folder(pets), "P")
    assert len(read_folder(scan_folder(pets), "P", size=(4, 4)).sources["training"]) == 16


def test_an_empty_class_is_named(pets):
    (pets / "eel").mkdir()
    with pytest.raises(UserError, match=r"no images of class 'eel' in .*pets.eel"):
        scan_folder(pets)


def test_a_class_of_testing_alone_is_numbered_behind_the_others(tmp_path, pets):
    """Metric learning is tested on classes that no net has learned: CUB, Omniglot."""
    pets.rename(tmp_path / "training")
    _put(tmp_path / "testing" / "ant", 3)
    _put(tmp_path / "testing" / "dog", 1)
    sources = read_folder(scan_folder(tmp_path), "P").sources
    assert sources["training"].label_names == {0: "cat", 1: "dog"}
    assert sources["testing"].label_names == {0: "cat", 1: "dog", 2: "ant"}
    assert sources["testing"].labels.tolist() == [1, 2, 2, 2]


def test_what_cannot_be_scanned(tmp_path, pets):
    with pytest.raises(UserError, match="there is no folder"):
        scan_folder(tmp_path / "nowhere")
    with pytest.raises(UserError, match="has no folders"):
        scan_folder(pets / "cat")
    with pytest.raises(UserError, match="--test-percent is 100"):
        scan_folder(pets, test_percent=100)
    pets.rename(tmp_path / "training")
    with pytest.raises(UserError, match="--test-percent is given"):
        scan_folder(tmp_path, test_percent=10)
