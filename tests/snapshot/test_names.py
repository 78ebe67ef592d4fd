"""Names of a run's files."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.names import (
    OF_RUN,
    OF_SNAPSHOT,
    STATE,
    SnapshotFiles,
    events_path,
    files_below,
    newest,
)
from tests.conftest import Result


def test_names_of_a_snapshot() -> None:
    files = SnapshotFiles.of(Path("s/run"), 100)
    assert files.weights == Path("s/run_iter_100.caffemodel")
    assert files.state == Path("s/run_iter_100.solverstate")
    assert files.card == Path("s/run_iter_100.run.json")
    assert files.prefix == Path("s/run")
    assert files.iteration == 100
    assert events_path(files.prefix) == Path("s/run.events.jsonl")


@pytest.mark.parametrize(
    "name", ["r_iter_5.caffemodel", "r_iter_5.solverstate", "r_iter_5.run.json"]
)
def test_each_file_leads_to_the_others(name: str) -> None:
    assert SnapshotFiles.beside(Path("s") / name) == SnapshotFiles.of(Path("s/r"), 5)


def test_other_files_are_refused() -> None:
    with pytest.raises(UserError, match=r"'s/r.prototxt' is no file of a snapshot"):
        SnapshotFiles.beside(Path("s/r.prototxt"))


def test_what_was_installed_into_an_environment_is_not_found(tmp_path: Path) -> None:
    for name in ("env/lib/a.prototxt", "nets/b.prototxt", ".venv/c.prototxt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "env/pyvenv.cfg").touch()
    assert list(files_below(tmp_path, (".prototxt",))) == [tmp_path / "nets/b.prototxt"]


def test_newest_goes_by_time_then_by_iteration(tmp_path: Path) -> None:
    for name, when in (
        ("a/x_iter_9.solverstate", 100),
        ("b/y_iter_20.solverstate", 200),
        ("b/y_iter_3.solverstate", 200),
        (".hidden/z_iter_99.solverstate", 300),
        ("b/other.solverstate", 400),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
        os.utime(path, (when, when))
    assert newest(tmp_path, STATE) == tmp_path / "b" / "y_iter_20.solverstate"


def test_nothing_to_find(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no"):
        newest(tmp_path, STATE)


def test_names_in_hdf5(tmp_path: Path) -> None:
    files = SnapshotFiles.of(tmp_path / "n", 20, hdf5=True)
    assert files.weights.name == "n_iter_20.caffemodel.h5"
    assert files.state.name == "n_iter_20.solverstate.h5"
    assert files.card.name == "n_iter_20.run.json"
    assert (files.iteration, files.prefix) == (20, tmp_path / "n")
    for path in (files.weights, files.state):
        assert SnapshotFiles.beside(path) == files


def test_a_card_belongs_to_the_weights_that_lie_there(tmp_path: Path) -> None:
    plain, hdf5 = (SnapshotFiles.of(tmp_path / "n", 20, hdf5=form) for form in (False, True))
    assert SnapshotFiles.beside(plain.card) == plain
    hdf5.weights.touch()
    assert SnapshotFiles.beside(plain.card) == hdf5
    plain.weights.touch()
    assert SnapshotFiles.beside(plain.card) == plain


def test_what_lies_there_does_not_change_new_names(tmp_path: Path) -> None:
    SnapshotFiles.of(tmp_path / "n", 20, hdf5=True).weights.touch()
    assert SnapshotFiles.of(tmp_path / "n", 20).weights.name == "n_iter_20.caffemodel"


@pytest.mark.slow
def test_every_file_beside_a_snapshot_is_in_the_list(
    mycaffe: Callable[..., Result], siamese_snapshot: Path, tmp_path: Path
) -> None:
    """What moves a run's files would leave one behind that is not in it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 10:14] = 255
    Image.fromarray(pixels).save(tmp_path / "bar.png")
    train = ("resume", "--iterations", "170", "--film", "10")
    enroll = ("enroll", "--label", "bar", "bar.png")
    film = ("film", "--seconds", "0.5", "--width", "640")
    for command in (train, enroll, ("threshold",), ("plot",), film, ("test-many",)):
        result = mycaffe(*command)
        assert result.code == 0, result.err
    for path in (tmp_path / "snapshots").iterdir():
        of_snapshot = re.fullmatch(r"small_iter_\d+(\..*)", path.name)
        ending = of_snapshot[1] if of_snapshot else path.name.removeprefix("small")
        assert ending in (OF_SNAPSHOT if of_snapshot else OF_RUN), path.name


def test_other_digits_are_letters_of_a_name(tmp_path: Path) -> None:
    for name in ("a_iter_²", "a_iter_٣"):
        assert SnapshotFiles.beside(tmp_path / f"{name}{STATE}").iteration == -1


def test_a_link_that_leads_nowhere_is_told_and_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"a_iter_1{STATE}").touch()
    link = tmp_path / f"z_iter_9{STATE}"
    link.symlink_to("nowhere")
    assert newest(tmp_path, STATE).name == f"a_iter_1{STATE}"
    assert capsys.readouterr().err == f"Note: '{link}' leads to no file and is passed over.\n"
