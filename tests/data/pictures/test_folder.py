from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.errors import UserError
from tests.data.pictures.reading import read_folder


def _put(folder, count, shade=100, size=(6, 5), suffix="png"):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("RGB", size, (shade, i, 0)).save(folder / f"{i}.{suffix}")


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    _put(tmp_path / "pets" / "dog", 10, 200)
    _put(tmp_path / "pets" / "cat", 5, 100)
    return tmp_path / "pets"


def test_labels_follow_the_sorted_names(pets: Path) -> None:
    scan = scan_folder(pets)
    assert scan.label_names == {0: "cat", 1: "dog"}
    source = read_folder(scan, "PETS").sources["training"]
    assert source.name == "PETS.training"
    assert source.shape == (3, 5, 6)
    assert source.labels.tolist() == [0] * 5 + [1] * 10
    assert source.images[6, :, 0, 0].tolist() == [200, 1, 0]
    assert source.label_names == scan.label_names


def test_numbers_are_sorted_as_numbers(tmp_path: Path) -> None:
    for name in ("10", "9", "0"):
        _put(tmp_path / name, 1)
    assert scan_folder(tmp_path).label_names == {0: "0", 1: "9", 2: "10"}


def test_size_and_gray(pets: Path) -> None:
    source = read_folder(scan_folder(pets), "P", size=(4, 3), gray=True).sources["training"]
    assert source.shape == (1, 3, 4)


def test_progress_counts_files(pets: Path) -> None:
    seen = []
    read_folder(scan_folder(pets), "P", progress=seen.append)
    assert sum(seen) == 15


def test_splits_of_its_own(tmp_path: Path, pets: Path) -> None:
    pets.rename(tmp_path / "training")
    _put(tmp_path / "testing" / "dog", 2)
    sources = read_folder(scan_folder(tmp_path), "P").sources
    assert len(sources["training"]) == 15
    assert sources["testing"].labels.tolist() == [1, 1]
    assert sources["testing"].label_names[0] == "cat"


def test_a_share_of_each_class_for_testing(pets: Path) -> None:
    scan = scan_folder(pets, test_percent=20)
    sources = read_folder(scan, "P").sources
    assert np.bincount(sources["training"].labels).tolist() == [4, 8]
    assert np.bincount(sources["testing"].labels).tolist() == [1, 2]
    assert list(scan.pictures) == list(scan_folder(pets, test_percent=20).pictures)


def test_one_picture_stays_for_training(tmp_path: Path) -> None:
    _put(tmp_path / "a", 1)
    _put(tmp_path / "b", 2)
    scan = scan_folder(tmp_path, test_percent=90)
    assert [(p.label, p.split) for p in scan.pictures].count((0, "training")) == 1
    assert sorted(p.split for p in scan.pictures if p.label == 1) == ["testing", "training"]


def test_other_files_are_passed_over_and_counted(pets: Path) -> None:
    (pets / "cat" / "notes.txt").write_text("meow")
    (pets / "cat" / ".hidden.png").write_text("x")
    (pets / "README").write_text("x")
    scan = scan_folder(pets)
    assert len(scan.pictures) == 15
    assert scan.passed_over == 1


def test_unreadable_pictures_need_consent(pets: Path) -> None:
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


def test_nothing_readable(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.png").write_text("no")
    with pytest.raises(UserError, match="no picture could be read"):
        read_folder(scan_folder(tmp_path), "P", skip_unreadable=True)


def test_several_sizes_need_one(pets: Path) -> None:
    _put(pets / "dog", 1, size=(9, 9), suffix="gif")
    with pytest.raises(UserError, match=r"0\.gif has 9x9 pixels, while .* has 6x5.*--size"):
        read_folder(scan_folder(pets), "P")
    assert len(read_folder(scan_folder(pets), "P", size=(4, 4)).sources["training"]) == 16


def test_an_empty_class_is_named(pets: Path) -> None:
    (pets / "eel").mkdir()
    with pytest.raises(UserError, match=r"no images of class 'eel' in .*pets.eel"):
        scan_folder(pets)


def test_a_class_of_testing_alone_is_numbered_behind_the_others(tmp_path: Path, pets: Path) -> None:
    """Metric learning is tested on classes that no net has learned: CUB, Omniglot."""
    pets.rename(tmp_path / "training")
    _put(tmp_path / "testing" / "ant", 3)
    _put(tmp_path / "testing" / "dog", 1)
    sources = read_folder(scan_folder(tmp_path), "P").sources
    assert sources["training"].label_names == {0: "cat", 1: "dog"}
    assert sources["testing"].label_names == {0: "cat", 1: "dog", 2: "ant"}
    assert sources["testing"].labels.tolist() == [1, 2, 2, 2]


def test_what_cannot_be_scanned(tmp_path: Path, pets: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        scan_folder(tmp_path / "nowhere")
    with pytest.raises(UserError, match="has no folders"):
        scan_folder(pets / "cat")
    with pytest.raises(UserError, match="--test-percent is 100"):
        scan_folder(pets, test_percent=100)
    pets.rename(tmp_path / "training")
    with pytest.raises(UserError, match="--test-percent is given"):
        scan_folder(tmp_path, test_percent=10)


def test_several_sizes_are_listed_and_the_command_is_given(tmp_path: Path) -> None:
    _put(tmp_path / "a", 3, size=(70, 90))
    _put(tmp_path / "b", 2, size=(200, 64))
    _put(tmp_path / "b", 1, size=(40, 30), suffix="gif")
    with pytest.raises(UserError) as caught:
        read_folder(scan_folder(tmp_path), "P", command="mycaffe create --size {size} --fit pad")
    text = str(caught.value)
    assert "3 sizes in all, 40 to 200 wide and 30 to 90 high: 3 of 70x90, 2 of 200x64" in text
    assert text.endswith("\n  mycaffe create --size 64x64 --fit pad")


def test_a_picture_on_its_side_counts_upright(tmp_path: Path) -> None:
    _put(tmp_path / "a", 1, size=(70, 90))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 30)).save(tmp_path / "a" / "z.jpg", exif=exif)
    with pytest.raises(UserError, match="1 of 70x90, 1 of 30x60"):
        read_folder(scan_folder(tmp_path), "P")


def test_a_share_of_each_class_for_validation(pets: Path) -> None:
    scan = scan_folder(pets, test_percent=20, validation_percent=20)
    sources = read_folder(scan, "P").sources
    counts = {split: np.bincount(source.labels).tolist() for split, source in sources.items()}
    assert counts == {"training": [3, 6], "validation": [1, 2], "testing": [1, 2]}
    tested = [p.path for p in scan_folder(pets, test_percent=20).pictures if p.split == "testing"]
    assert [p.path for p in scan.pictures if p.split == "testing"] == tested


def test_shares_that_leave_nothing(pets: Path) -> None:
    with pytest.raises(UserError, match="together less than 100"):
        scan_folder(pets, 60, 40)
    with pytest.raises(UserError, match="--validation-percent is nan"):
        scan_folder(pets, 0, float("nan"))


def test_validation_of_its_own(tmp_path: Path, pets: Path) -> None:
    pets.rename(tmp_path / "training")
    _put(tmp_path / "validation" / "dog", 2)
    _put(tmp_path / "testing" / "eel", 1)
    sources = read_folder(scan_folder(tmp_path), "P").sources
    assert sources["validation"].labels.tolist() == [1, 1]
    assert sources["testing"].labels.tolist() == [2]
    with pytest.raises(UserError, match="--validation-percent is given"):
        scan_folder(tmp_path, validation_percent=10)
