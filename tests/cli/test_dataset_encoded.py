"""A data set of pictures that are kept as they came is used as every other one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.dataset_paths import data_folder, dataset_path
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.image_database.row_files import rows_folder, writing
from mycaffe_py.data.source import open_source
from tests.conftest import SMALL_CLASSIFIER, SMALL_SOLVER, Result

CREATE = ("dataset", "create", "images", "digits", "--gray", "--test-percent", "20")


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """Some digits as JPEG files, in a folder for each."""
    source = open_source("digits28.testing")
    for record in range(120):
        folder = tmp_path / "digits" / str(source.labels[record])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(source.images[record, 0]).save(folder / f"{record:03}.jpg", quality=90)
    return tmp_path / "digits"


def _train(mycaffe, source: str, folder: Path) -> bytes:
    text = SMALL_CLASSIFIER.replace("digits28.training", source).replace("size: 64", "size: 16")
    (folder / "s.prototxt").write_text(text)
    solver = SMALL_SOLVER.replace("NAME", "s").replace("TESTS", "")
    (folder / "s.solver").write_text(solver.replace("150", "20").replace("display: 50", ""))
    done = mycaffe("train", "--solver", "s.solver", "--threads", "1", "--seed", "1", "--overwrite")
    assert done.code == 0, done.err
    return (folder / "snapshots" / "s_iter_20.caffemodel").read_bytes()


def test_it_trains_to_the_bits_of_the_set_of_pixels(
    mycaffe: Callable[..., Result], digits: Path, tmp_path: Path
) -> None:
    made = mycaffe(*CREATE, "--name", "SET")
    assert made.code == 0, made.err
    rows = open_source("SET.training")
    wanted = _train(mycaffe, "SET.training", tmp_path)
    assert mycaffe(*CREATE, "--name", "SET", "--encoded", "--force").code == 0
    kept = open_source("SET.training")
    assert isinstance(kept, EncodedSource) and not isinstance(rows, EncodedSource)
    np.testing.assert_array_equal(kept.gather(np.arange(len(kept))), rows.images)
    assert _train(mycaffe, "SET.training", tmp_path) == wanted
    cards = [path.read_text() for path in (tmp_path / "snapshots").glob("*.json")]
    assert any(kept.checksum in card for card in cards)


def test_commands_on_data_sets_take_it(
    mycaffe: Callable[..., Result], digits: Path, tmp_path: Path
) -> None:
    assert mycaffe(*CREATE, "--name", "KEPT", "--encoded").code == 0
    for command in (
        ("list",), ("show", "KEPT"), ("verify", "KEPT"), ("mean", "KEPT.training", "m.binaryproto"),
        ("export", "KEPT", "pictures"), ("export", "KEPT.testing", "lmdb", "store"),
        ("export", "KEPT.testing", "npy", "rows.npy"),
        ("create", "subset", "KEPT", "--labels", "1,2", "--name", "PART"),
    ):  # fmt: skip
        done = mycaffe("dataset", *command)
        assert done.code == 0, (command, done.err)
    part, whole = open_source("PART.training"), open_source("KEPT.training")
    records = np.flatnonzero(np.isin(whole.labels, [1, 2]))
    np.testing.assert_array_equal(part.gather(np.arange(len(part))), whole.gather(records))
    assert isinstance(part, EncodedSource)
    assert part.found_checksum() == part.checksum
    _train(mycaffe, "KEPT.training", tmp_path)
    weights = "snapshots/s_iter_20.caffemodel"
    for more in (
        ("test-many", "--source", "KEPT.testing", "--snapshot", weights, "--sheet", "m.png"),
        ("features", "--snapshot", weights, "--source", "KEPT.testing", "--blob", "score"),
        ("retrieval", "--snapshot", weights, "--queries", "KEPT.testing", "--sheet", "r.png"),
    ):  # fmt: skip
        done = mycaffe(*more)
        assert done.code == 0, (more, done.err)


def test_boxes_are_not_kept_as_they_came(mycaffe: Callable[..., Result], digits: Path) -> None:
    picture = next(digits.rglob("*.jpg")).relative_to(digits)
    (digits / "b.csv").write_text(f"path,x,y,w,h,label\n{picture},1,1,9,9,one\n")
    refused = mycaffe(*CREATE, "--name", "B", "--encoded", "--boxes", "digits/b.csv")
    assert refused.code == 2
    assert "--encoded and --boxes" in refused.err


def test_a_second_creation_at_the_same_time_is_refused(
    mycaffe: Callable[..., Result], digits: Path
) -> None:
    with writing(dataset_path("KEPT")):
        refused = mycaffe(*CREATE, "--name", "KEPT")
    assert refused.code == 2
    assert "dataset 'KEPT' is held by process" in refused.err
    assert not dataset_path("KEPT").exists()
    assert mycaffe(*CREATE, "--name", "KEPT").code == 0


@pytest.mark.parametrize("option", ["--gray", "--encoded"])
def test_a_killed_creation_leaves_the_old_set_and_goes_on(
    mycaffe: Callable[..., Result], digits: Path, tmp_path: Path, option: str
) -> None:
    assert mycaffe(*CREATE, "--name", "WANTED", option).code == 0
    assert mycaffe(*CREATE, "--name", "K", "--size", "5x5").code == 0
    old = open_source("K.training").checksum
    command = [*CREATE, "--name", "K", "--force", option]
    slow = (
        "import sys, time; from mycaffe_py.data.pictures import begun_reading, folder_reading\n"
        "from mycaffe_py.cli.main import main\n"
        "begun_reading.COMMIT_S = 0.0; whole = folder_reading._read_some\n"
        "folder_reading._read_some = lambda *a: (time.sleep(0.3), whole(*a))[1]\n"
        f"sys.exit(main({command!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", slow], cwd=tmp_path, env=dict(os.environ))
    state = rows_folder(dataset_path("K")) / "started" / "state.npz"
    end = time.monotonic() + 60
    while not state.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert state.exists()
    assert open_source("K.training").checksum == old
    assert mycaffe("dataset", "verify", "K").code == 0
    assert mycaffe(*command).code == 0
    assert open_source("K.training").checksum == open_source("WANTED.training").checksum
    assert sorted(path.suffix for path in rows_folder(dataset_path("K")).iterdir()) == (
        [".pictures"] * 2 if option == "--encoded" else [".rows"] * 2
    )
    assert not list(data_folder().glob(".*new*"))
