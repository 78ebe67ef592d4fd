import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.source import open_source
from mycaffe_py.data.transform.mean_file import read_mean
from tests.conftest import Result
from tests.data.digits.test_idx import IMAGES, LABELS
from tests.data.made import small_source
from tests.data.stores import make_leveldb, raw_datum, some_images
from tests.evaluate.bases import write_base

FOLDER = os.environ.get("MYCAFFE_MNIST", "")


@pytest.fixture
def small() -> None:
    write_dataset(
        dataset_path("SMALL"),
        "SMALL",
        {
            "training": small_source(shape=(1, 5, 4)),
            "testing": small_source("SMALL.testing", 6, 3, (1, 5, 4)),
        },
        "made by a test",
    )


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for name, shade in (("cat", 10), ("dog", 200)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(5):
            Image.new("RGB", (8 + i, 9), (shade, i, 0)).save(tmp_path / f"pets/{name}/{i}.jpg")
    return tmp_path / "pets"


def test_every_help_has_examples(mycaffe: Callable[..., Result]) -> None:
    jobs = (
        [],
        ["create"],
        ["create", "mnist"],
        ["create", "images"],
        ["list"],
        ["show"],
        ["verify"],
        ["export"],
        ["import"],
        ["mean"],
    )
    for job in jobs:
        result = mycaffe("dataset", *job, "--help")
        assert result.code == 0
        assert "examples:\n  mycaffe dataset" in result.out


def test_list(mycaffe: Callable[..., Result], small: None) -> None:
    out = mycaffe("dataset", "list").out
    assert "SMALL.testing" in out
    assert "digits28.training" in out
    facts = json.loads(mycaffe("dataset", "list", "--json").out)
    assert [fact["dataset"] for fact in facts] == ["SMALL", "digits28"]
    assert facts[0]["sources"][1] == {
        "name": "SMALL.testing",
        "images": 6,
        "shape": [1, 5, 4],
        "labels": 3,
    }


def test_list_goes_on_after_a_damaged_one(mycaffe: Callable[..., Result], small: None) -> None:
    dataset_path("BAD").write_bytes(b"garbage" * 100)
    result = mycaffe("dataset", "list")
    assert result.code == 0
    assert "BAD: dataset file" in result.out
    assert "SMALL.training" in result.out


def test_create_images(mycaffe: Callable[..., Result], pets: Path) -> None:
    result = mycaffe(
        *("dataset", "create", "images", str(pets), "--name", "PETS", "--size", "6x4", "--gray"),
        *("--test-percent", "20"),
    )
    assert result.code == 0, result.err
    assert "PETS.training: 8 images (1, 4, 6), 2 labels" in result.out
    source = open_source("PETS.testing")
    assert source.label_names == {0: "cat", 1: "dog"}
    assert source.labels.tolist() == [0, 1]
    assert str(pets) in source.description


def test_create_images_reports_what_it_left_out(mycaffe: Callable[..., Result], pets: Path) -> None:
    (pets / "cat" / "bad.png").write_text("no")
    (pets / "cat" / "notes.md").write_text("no")
    arguments = ("dataset", "create", "images", str(pets), "--name", "PETS", "--size", "6x4")
    refused = mycaffe(*arguments)
    assert refused.code == 2
    assert "1 of 11 pictures cannot be read" in refused.err
    assert not dataset_path("PETS").exists()
    result = mycaffe(*arguments, "--skip-unreadable")
    assert result.code == 0
    assert "1 unreadable pictures were skipped" in result.err
    assert "left out, as no pictures by their names: 1" in result.err


@pytest.mark.parametrize("size", ["28", "0x5", "axb", "28x28x3"])
def test_sizes_that_are_none(mycaffe: Callable[..., Result], pets: Path, size: str) -> None:
    result = mycaffe("dataset", "create", "images", str(pets), "--name", "P", "--size", size)
    assert result.code == 2
    assert f"--size is '{size}'; WIDTHxHEIGHT" in result.err


def test_nothing_is_replaced_unasked(
    mycaffe: Callable[..., Result], pets: Path, small: None
) -> None:
    arguments = ("dataset", "create", "images", str(pets), "--name", "SMALL", "--size", "6x4")
    result = mycaffe(*arguments)
    assert result.code == 2
    assert "is there already" in result.err
    assert len(open_source("SMALL.training")) == 30
    assert mycaffe(*arguments, "--force").code == 0
    assert len(open_source("SMALL.training")) == 10


@pytest.mark.parametrize("name", ["digits28", "../x", "a b"])
def test_names_that_cannot_be(mycaffe: Callable[..., Result], pets: Path, name: str) -> None:
    assert mycaffe("dataset", "create", "images", str(pets), "--name", name).code == 2


@pytest.fixture
def own_set(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(IMAGES)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(LABELS)
    return str(folder)


def test_create_from_idx_files_of_ones_own(mycaffe: Callable[..., Result], own_set) -> None:
    create = ("dataset", "create", "mnist", "--from", own_set)
    assert "sha256" in mycaffe(*create).err
    assert "--no-check without --name" in mycaffe(*create, "--no-check").err
    result = mycaffe(*create, "--no-check", "--name", "OWN")
    assert result.code == 0, result.err
    assert open_source("OWN.testing").labels.tolist() == [7, 0, 9]
    assert not dataset_path("MNIST").exists()


def test_create_mnist_without_network(mycaffe: Callable[..., Result], digits_only: None) -> None:
    result = mycaffe("dataset", "create", "mnist")
    assert result.code == 2
    assert "MNIST could not be had: MYCAFFE_OFFLINE is set" in result.err
    assert "--from FOLDER" in result.err
    assert "--name without --from" in mycaffe("dataset", "create", "mnist", "--name", "M").err


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="MYCAFFE_MNIST names no folder with the four IDX files")
def test_create_mnist(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("dataset", "create", "mnist", "--from", FOLDER)
    assert result.code == 0, result.err
    assert "MNIST.training: 60000 images (1, 28, 28), 10 labels" in result.out
    verified = mycaffe("dataset", "verify", "MNIST")
    assert verified.out.count("images as they were created") == 2


def test_show(mycaffe: Callable[..., Result], small: None, tmp_path: Path) -> None:
    result = mycaffe("dataset", "show", "SMALL", "--out", "pictures", "--columns", "5")
    assert result.code == 0
    assert "SMALL.testing: 6 images 1x5x4" in result.out
    assert "class 1        2" in result.out
    for split in ("training", "testing"):
        for kind in ("sheet", "mean"):
            with Image.open(tmp_path / "pictures" / f"SMALL.{split}.{kind}.png") as picture:
                assert picture.width > 100


def test_show_one_source_for_machines(mycaffe: Callable[..., Result], small: None) -> None:
    (fact,) = json.loads(mycaffe("dataset", "show", "SMALL.testing", "--json").out)
    assert fact["per_label"] == {"class 0": 2, "class 1": 2, "class 2": 2}
    assert fact["checksum"] == open_source("SMALL.testing").checksum


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SMAL", "no dataset 'SMAL'. Did you mean 'SMALL'"),
        ("SMAL.testing", "no dataset 'SMAL'"),
        ("SMALL.test", "no split 'test'. Did you mean 'testing'"),
    ],
)
def test_unknown_names(mycaffe: Callable[..., Result], small: None, name: str, said: str) -> None:
    result = mycaffe("dataset", "show", name)
    assert result.code == 2
    assert said in result.err


def test_columns_below_one(mycaffe: Callable[..., Result], small: None) -> None:
    assert mycaffe("dataset", "show", "SMALL", "--columns", "0").code == 2


def test_verify_sound(mycaffe: Callable[..., Result], small: None) -> None:
    assert mycaffe("dataset", "verify", "SMALL").code == 0
    facts = json.loads(mycaffe("dataset", "verify", "digits28", "--json").out)
    assert [fact["sound"] for fact in facts] == [True, True]
    assert [fact["doubles"] for fact in facts] == [[], []]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("", "CHANGED: sha256"),
        ("UPDATE stored SET labels = zeroblob(length(labels))", "CHANGED: sha256"),
        ("UPDATE means SET data = zeroblob(80)", "CHANGED: the stored mean image"),
    ],
)
def test_verify_sees_changes(
    mycaffe: Callable[..., Result], small: None, statement: str, said: str
) -> None:
    with closing(sqlite3.connect(dataset_path("SMALL"))) as connection, connection:
        connection.execute(statement)
    if not statement:
        rows = next(rows_folder(dataset_path("SMALL")).glob("training.*.rows"))
        rows.write_bytes(bytes(rows.stat().st_size))
    result = mycaffe("dataset", "verify", "SMALL")
    assert result.code == 1
    assert said in result.out
    assert "is not as it was created" in result.err


def test_export_and_create_again(
    mycaffe: Callable[..., Result], small: None, tmp_path: Path
) -> None:
    assert mycaffe("dataset", "export", "SMALL", "pictures").code == 0
    assert (tmp_path / "pictures/testing/class 2/5.png").is_file()
    created = mycaffe("dataset", "create", "images", "pictures", "--name", "AGAIN", "--gray")
    assert created.code == 0, created.err
    before, after = open_source("SMALL.training"), open_source("AGAIN.training")
    order = np.argsort(before.labels, kind="stable")
    assert np.array_equal(before.images[order], after.images)
    assert np.array_equal(before.labels[order], after.labels)


def test_label_names_that_are_no_file_names(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    source = small_source("ODD.all", 3, 3, (1, 2, 2))
    source.label_names.update({0: "../up", 1: "a/b", 2: ""})
    write_dataset(dataset_path("ODD"), "ODD", {"all": source})
    assert mycaffe("dataset", "export", "ODD", "out").code == 0
    assert sorted(p.name for p in (tmp_path / "out" / "all").iterdir()) == ["0", "1", "2"]


@pytest.mark.slow
def test_lmdb_there_and_back(mycaffe: Callable[..., Result], small: None, tmp_path: Path) -> None:
    result = mycaffe("dataset", "export", "SMALL.training", "lmdb", "db")
    assert result.code == 0, result.err
    assert "SMALL.training: 30 images in db" in result.out
    result = mycaffe("dataset", "import", "lmdb", "db", "--name", "AGAIN")
    assert result.code == 0, result.err
    assert "AGAIN.training: 30 images (1, 5, 4), 3 labels" in result.out
    before, after = open_source("SMALL.training"), open_source("AGAIN.training")
    assert after.checksum == before.checksum
    assert after.description == f"records of {tmp_path / 'db'}"
    assert mycaffe("dataset", "verify", "AGAIN").code == 0


def test_splits_are_imported_one_by_one(mycaffe: Callable[..., Result], small: None) -> None:
    assert mycaffe("dataset", "export", "SMALL", "lmdb", "dbs").code == 0
    load = ("dataset", "import", "lmdb")
    assert mycaffe(*load, "dbs/training", "--name", "AGAIN").code == 0
    assert mycaffe(*load, "dbs/testing", "--name", "AGAIN", "--split", "testing").code == 0
    for split in ("training", "testing"):
        assert open_source(f"AGAIN.{split}").checksum == open_source(f"SMALL.{split}").checksum
    refused = mycaffe(*load, "dbs/testing", "--name", "AGAIN")
    assert refused.code == 2
    assert "has a split 'training' already" in refused.err
    assert len(open_source("AGAIN.training")) == 30
    assert mycaffe(*load, "dbs/testing", "--name", "AGAIN", "--force").code == 0
    assert open_source("AGAIN.training").checksum == open_source("SMALL.testing").checksum
    assert open_source("AGAIN.testing").checksum == open_source("SMALL.testing").checksum
    assert mycaffe("dataset", "verify", "AGAIN").code == 0


@pytest.mark.parametrize("place", ["database._insert_source", "image_files._write_rows"])
def test_an_import_that_fails_changes_nothing(
    mycaffe: Callable[..., Result], small: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert mycaffe("dataset", "export", "SMALL.testing", "lmdb", "db").code == 0
    before = dataset_path("SMALL").read_bytes()

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(f"mycaffe_py.data.image_database.{place}", full)
    result = mycaffe("dataset", "import", "lmdb", "db", "--name", "SMALL", "--force")
    assert result.code == 2
    assert "could not be written: database or disk is full" in result.err
    assert dataset_path("SMALL").read_bytes() == before
    assert mycaffe("dataset", "verify", "SMALL").code == 0
    assert len(list(rows_folder(dataset_path("SMALL")).iterdir())) == 2


def test_channels_are_turned_round(mycaffe: Callable[..., Result]) -> None:
    source = small_source("RGB.all", shape=(3, 2, 2))
    write_dataset(dataset_path("RGB"), "RGB", {"all": source})
    assert mycaffe("dataset", "export", "RGB.all", "lmdb", "db", "--bgr").code == 0
    load = ("dataset", "import", "lmdb", "db", "--split", "all", "--name")
    assert mycaffe(*load, "SAME", "--bgr").code == 0
    assert mycaffe(*load, "OTHER").code == 0
    assert np.array_equal(open_source("SAME.all").images, source.images)
    assert np.array_equal(open_source("OTHER.all").images, source.images[:, ::-1])


def test_leveldb_is_imported(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    images, labels = some_images()
    values = [raw_datum(image, int(label)) for image, label in zip(images, labels, strict=True)]
    make_leveldb(tmp_path / "db", values)
    assert mycaffe("dataset", "import", "leveldb", "db", "--name", "OLD").code == 0
    assert np.array_equal(open_source("OLD.training").images, images)
    assert "holds a LevelDB store" in mycaffe("dataset", "import", "lmdb", "db", "--name", "X").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "lmdb", "none", "--name", "X"), "there is no folder none"),
        (("import", "lmdb", ".", "--name", "X"), "is no LMDB folder"),
        (("import", "lmdb", ".", "--name", "digits28"), "'digits28' is built in"),
        (("import", "lmdb", ".", "--name", "X", "--split", "a.b"), "--split is 'a.b'"),
        (("export", "SMALL", "lmdb"), "no folder for the LMDB"),
        (("export", "SMALL.testing", "lmdb", "."), "is there already"),
        (("mean", "SMAL.testing", "mean"), "there is no dataset 'SMAL'"),
        (("mean", ".", "mean"), "is no LMDB or LevelDB folder"),
    ],
)
def test_mistakes_with_lmdb(
    mycaffe: Callable[..., Result], small: None, arguments: tuple[str, ...], said: str
) -> None:
    result = mycaffe("dataset", *arguments)
    assert result.code == 2
    assert said in result.err


@pytest.mark.parametrize("name", ["mean.binaryproto", "mean.npy"])
def test_mean(mycaffe: Callable[..., Result], small: None, tmp_path: Path, name: str) -> None:
    result = mycaffe("dataset", "mean", "SMALL.training", name)
    assert result.code == 0, result.err
    assert f"mean image (1, 5, 4) in {name}" in result.out
    wanted = open_source("SMALL.training").mean()
    assert np.array_equal(read_mean(tmp_path / name), wanted)
    assert mycaffe("dataset", "export", "SMALL.training", "lmdb", "db").code == 0
    assert mycaffe("dataset", "mean", "db", f"again.{name}").code == 0
    assert np.array_equal(read_mean(tmp_path / f"again.{name}"), wanted)


def test_the_mean_of_a_feature_table_is_told_in_short(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    model, weights = write_base(tmp_path)
    made = mycaffe(
        "features", "--model", str(model), "--weights", str(weights),
        "--source", "digits28.testing", "--blob", "conv", "--name", "T",
    )  # fmt: skip
    assert made.code == 0, made.err
    told = mycaffe("dataset", "mean", "T.testing", "m.npy").out
    assert told.startswith("T.testing: mean (108, 1, 1) in m.npy, 108 channels from ")
    assert len(told) < 120


def test_mnist_that_is_not_made_yet_is_told_how_to_make(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MYCAFFE_MNIST", raising=False)
    for name in ("MNIST", "MNIST.training"):
        shown = mycaffe("dataset", "show", name)
        assert shown.code == 2
        assert "there is no dataset 'MNIST' yet" in shown.err
        assert "mycaffe dataset create mnist --from FOLDER" in shown.err
    monkeypatch.setenv("MYCAFFE_MNIST", str(tmp_path))
    shown = mycaffe("dataset", "show", "MNIST").err
    assert f"'mycaffe dataset create mnist' makes it from the files in {tmp_path}." in shown
    assert "Did you mean 'MNIST'" in mycaffe("dataset", "show", "MNISTT").err


@pytest.mark.parametrize("variable", ["MYCAFFE_DATA", "MYCAFFE_MNIST"])
def test_a_home_that_is_not_there_is_a_users_mistake(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "~nouser/x")
    result = mycaffe("dataset", "create", "mnist")
    assert result.code == 2
    assert f"{variable} is '~nouser/x'" in result.err


def test_items_go_to_files_of_numpy(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    result = mycaffe("dataset", "export", "digits28.testing", "npz", "digits.npz")
    assert result.out.splitlines() == [
        "digits28.testing: 360 images of 1x28x28 uint8 in",
        "  digits.npz",
    ]
    assert np.load(tmp_path / "digits.npz")["x"].shape == (360, 1, 28, 28)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("digits28", "npz", "x.npz"), "npz holds one split. Name one of digits28.training"),
        (("digits28.testing", "npz"), "no file for the values. mycaffe dataset export NAME npz"),
        (("digits28.testing", "npy", "."), "'.' is a folder"),
        (("digits28.testing", "csv", "x.csv"), "npy, npz and projector export any items"),
        (("digits28.testing", "npz", "x.npz", "--index", "1"), "--index and --series are for"),
    ],
)
def test_mistakes_in_exports_of_rows(
    mycaffe: Callable[..., Result], words: tuple[str, ...], told: str
) -> None:
    result = mycaffe("dataset", "export", *words)
    assert result.code == 2
    assert told in result.err
