"""`mycaffe dataset` for pictures of one's own: one size, boxes, validation, names of labels."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from tests.conftest import Result
from tests.data.made import small_source


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Ten pictures of each of two classes, in two sizes."""
    for shade, name in ((40, "cat"), (200, "my dog")):
        folder = tmp_path / "my pets" / name
        folder.mkdir(parents=True)
        for i in range(10):
            Image.new("RGB", (40 + i % 2, 30), (shade, i, 0)).save(folder / f"{i}.jpg")
    return tmp_path / "my pets"


def test_the_command_in_the_error_works(mycaffe: Callable[..., Result], pets: Path) -> None:
    create = ("dataset", "create", "images", "my pets", "--name", "PETS", "--gray")
    result = mycaffe(*create)
    assert result.code == 2
    assert not dataset_path("PETS").exists()
    command = result.err.splitlines()[-1].strip()
    wanted = "mycaffe dataset create images 'my pets' --name PETS --size 28x28 --fit stretch --gray"
    assert command == f"{wanted} --test-percent 20"
    words = command.replace("'my pets'", "my+pets").split()[1:]
    again = mycaffe(*[word.replace("+", " ") for word in words])
    assert again.code == 0, again.err
    assert "PETS.testing: 4 images (1, 28, 28), 2 labels" in again.out


def test_validation_is_a_split_that_a_net_is_measured_on(
    mycaffe: Callable[..., Result], pets: Path, tmp_path: Path
) -> None:
    create = ("dataset", "create", "images", "my pets", "--name", "PETS", "--size", "16x16")
    made = mycaffe(*create, "--validation-percent", "20", "--test-percent", "10")
    assert "PETS.validation: 4 images (3, 16, 16), 2 labels" in made.out
    assert mycaffe("template", "copy", "siamese", "--data", "PETS").code == 0
    assert 'source: "PETS.validation"' in (tmp_path / "siamese_PETS.prototxt").read_text()


def test_portions_of_frames(mycaffe: Callable[..., Result], pets: Path, tmp_path: Path) -> None:
    lines = "path,x,y,w,h,label\ncat/0.jpg,1,2,10,10,ear\nmy dog/1.jpg,3,4,10,10,nose\n"
    (tmp_path / "boxes.csv").write_text(lines)
    create = ("dataset", "create", "images", "my pets", "--name", "PARTS", "--boxes", "boxes.csv")
    result = mycaffe(*create)
    assert result.code == 0, result.err
    assert open_source("PARTS.training").label_names == {0: "ear", 1: "nose"}
    (tmp_path / "boxes.csv").write_text(lines + "cat/0.jpg,35,2,10,10,ear\n")
    refused = mycaffe(*create, "--force")
    assert refused.code == 2
    assert "its box 35,2,10,10 of line 4 stands out of its 40x30 pixels" in refused.err
    assert open_source("PARTS.training").label_names == {0: "ear", 1: "nose"}


@pytest.mark.slow
def test_an_imported_store_has_words(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    write_dataset(dataset_path("SMALL"), "SMALL", {"training": small_source()})
    assert mycaffe("dataset", "export", "SMALL.training", "lmdb", "db").code == 0
    (tmp_path / "labels.txt").write_text("cat\ndog\neel\n")
    load = ("dataset", "import", "lmdb", "db", "--name", "OLD", "--names")
    assert mycaffe(*load, "labels.txt").code == 0
    assert open_source("OLD.training").label_names == {0: "cat", 1: "dog", 2: "eel"}
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    refused = mycaffe(*load, "labels.txt", "--force")
    assert refused.code == 2
    assert "has no name for label 2" in refused.err
    assert "cannot be read" in mycaffe(*load, "none.txt", "--force").err
