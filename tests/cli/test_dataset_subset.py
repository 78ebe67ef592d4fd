import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database import begun_copy
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.source import open_source
from tests.conftest import Result
from tests.data.renamed import write_renamed


def test_labels_images_and_names_are_those_of_the_whole(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("dataset", "create", "subset", "digits28", "--labels", "3,1", "--name", "S")
    assert result.code == 0, result.err
    for split in ("training", "testing"):
        whole, part = open_source(f"digits28.{split}"), open_source(f"S.{split}")
        kept = np.isin(whole.labels, [1, 3])
        assert (part.images == whole.images[kept]).all()
        assert (part.labels == whole.labels[kept]).all()
        assert part.label_names == {1: "1", 3: "3"}
    assert part.description == "labels 1,3 of digits28"


@pytest.mark.parametrize(
    ("labels", "text"),
    [("1,12", "'digits28' has no label 12"), ("a", "--labels is 'a'"), ("-1", "--labels is")],
)
def test_labels_that_cannot_be(mycaffe: Callable[..., Result], labels: str, text: str) -> None:
    result = mycaffe("dataset", "create", "subset", "digits28", f"--labels={labels}", "--name", "S")
    assert result.code == 2
    assert text in result.err


def test_labels_are_taken_by_name(mycaffe: Callable[..., Result]) -> None:
    write_renamed("PETS", {7: "cat", 3: "dog", 5: "emu"})
    result = mycaffe("dataset", "create", "subset", "PETS", "--labels", "emu,0", "--name", "TWO")
    assert result.code == 0, result.err
    part = open_source("TWO.training")
    assert part.label_names == {0: "cat", 2: "emu"}
    assert part.description == "labels cat,emu of PETS"
    wrong = mycaffe("dataset", "create", "subset", "PETS", "--labels", "cow", "--name", "X")
    assert wrong.code == 2
    assert "'PETS' has no label cow" in wrong.err
    assert "its labels are 0 (cat), 1 (dog), 2 (emu)" in wrong.err


def test_show_tells_the_numbers_of_the_names(mycaffe: Callable[..., Result]) -> None:
    write_renamed("PETS", {7: "cat", 3: "dog"})
    lines = mycaffe("dataset", "show", "PETS").out.splitlines()
    assert [line.split()[:2] for line in lines if "dog" in line or "cat" in line] == [
        ["0", "cat"],
        ["1", "dog"],
    ]
    (fact,) = json.loads(mycaffe("dataset", "show", "PETS", "--json").out)
    assert fact["label_numbers"] == {"cat": 0, "dog": 1}


@pytest.mark.parametrize("which", ["--labels", "--records"])
def test_a_killed_creation_leaves_the_old_set_and_goes_on(
    mycaffe: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    (tmp_path / "list.txt").write_text(" ".join(map(str, range(0, 1000, 3))))
    listed = ["digits28.training", which, str(tmp_path / "list.txt")]
    chosen = ["digits28", which, "1,3"] if which == "--labels" else listed
    command = ["dataset", "create", "subset", *chosen]
    assert mycaffe(*command, "--name", "WANTED").code == 0
    sevens = mycaffe("dataset", "create", "subset", "digits28", "--labels", "7", "--name", "K")
    assert sevens.code == 0
    old = open_source("K.training").checksum
    command += ["--name", "K", "--force"]
    slow = (
        "import sys, time; from mycaffe_py.cli.main import main\n"
        "from mycaffe_py.data import gathered_source\n"
        "from mycaffe_py.data.image_database import begun_copy\n"
        "gathered_source.ROWS_AT_ONCE = 16; begun_copy.COMMIT_S = 0.0; whole = begun_copy._write\n"
        "begun_copy._write = lambda *a: (time.sleep(0.3), whole(*a))\n"
        f"sys.exit(main({command!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", slow], cwd=tmp_path, env=dict(os.environ))
    state = rows_folder(dataset_path("K")) / "started" / "state.npz"
    end = time.monotonic() + 60
    while not state.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert open_source("K.training").checksum == old
    firsts = []
    write = begun_copy._write
    monkeypatch.setattr(begun_copy, "_write", lambda *a: (firsts.append(a[2]), write(*a)))
    assert mycaffe(*command).code == 0
    assert firsts[0] > 0
    assert open_source("K.training").checksum == open_source("WANTED.training").checksum
    assert mycaffe("dataset", "verify", "K").code == 0
    assert {path.suffix for path in rows_folder(dataset_path("K")).iterdir()} == {".rows"}
