"""What is copied into a data set is on the disk at once, and an interrupted copy goes on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.cli.main import main
from mycaffe_py.data import gathered_source
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.dataset_paths import data_folder, dataset_path
from mycaffe_py.data.image_database import begun_copy
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.label_subset import write_kept
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.data.made import small_source

COUNT = 50
# Of each item of the origin; four blocks of them become the data set.
KEPT = np.flatnonzero(np.arange(COUNT) % 3 > 0)
BLOCK = 10


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block is safe at once."""
    monkeypatch.setattr(begun_copy, "COMMIT_S", 0.0)
    monkeypatch.setattr(gathered_source, "ROWS_AT_ONCE", BLOCK)


@pytest.fixture(params=["uint8", "float32", "encoded"])
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, ArraySource]:
    """A data set of each form, with two splits."""
    if request.param != "encoded":
        sources = {
            split: small_source(f"O.{split}", COUNT, dtype=np.dtype(request.param).type)
            for split in ("training", "testing")
        }
        write_dataset(dataset_path("O"), "O", sources)
    else:
        numbers = np.random.default_rng(5)
        for place in range(2 * COUNT):
            split = ("training", "testing")[place % 2]
            path = tmp_path / "set" / split / str(place % 3) / f"{place:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(numbers.integers(0, 256, (5, 4), np.uint8)).save(path)
        folder = str(tmp_path / "set")
        assert main(["dataset", "create", "images", folder, "--name", "O", "--encoded"]) == 0
    return {split: open_source(f"O.{split}") for split in ("training", "testing")}


def _write(name: str, origin: dict[str, ArraySource], kept: np.ndarray = KEPT) -> None:
    write_kept(dataset_path(name), name, [(one, kept) for one in origin.values()], "some")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The first item of each block that is written; block number `stop` fails with `error`."""
    whole = begun_copy._write
    seen: list[int] = []

    def write(file, source, first, block):
        seen.append(first)
        if len(seen) == Stop.block:
            raise Stop.error
        whole(file, source, first, block)

    monkeypatch.setattr(begun_copy, "_write", write)
    yield seen
    Stop.block = 0


class Stop:
    """Where the next copy ends, 0 for nowhere, and by what."""

    block = 0
    error: BaseException = KeyboardInterrupt()


def _stopped(block: int, name: str, origin: dict[str, ArraySource], written: list[int]) -> None:
    written.clear()
    Stop.block, Stop.error = block, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        _write(name, origin)
    Stop.block = 0
    written.clear()


def _is_whole(name: str, origin: dict[str, ArraySource]) -> None:
    for split, whole in origin.items():
        found = open_source(f"{name}.{split}")
        wanted = whole.gather(KEPT)
        np.testing.assert_array_equal(found.gather(np.arange(len(found))), wanted)
        np.testing.assert_array_equal(found.labels, whole.labels[KEPT])
        assert found.checksum == found.found_checksum()
        np.testing.assert_array_equal(found.mean(), found.found_mean())


@pytest.mark.parametrize(
    ("block", "rest"),
    [
        (1, [0, 10, 20, 30, 0, 10, 20, 30]),
        (3, [20, 30, 0, 10, 20, 30]),
        (5, [0, 10, 20, 30]),
        (8, [30]),
    ],
)
def test_an_interrupted_copy_goes_on_to_the_same_set(
    origin: dict[str, ArraySource], written: list[int], block: int, rest: list[int]
) -> None:
    _write("WANTED", origin)
    _stopped(block, "S", origin, written)
    assert not dataset_path("S").exists()
    _write("S", origin)
    assert written == rest
    _is_whole("S", origin)
    for split in origin:
        one, other = open_source(f"S.{split}"), open_source(f"WANTED.{split}")
        assert one.checksum == other.checksum
        np.testing.assert_array_equal(one.mean(), other.mean())
    assert [path.name for path in rows_folder(dataset_path("S")).glob("started")] == []


def test_an_unfinished_item_is_cut_off(origin: dict[str, ArraySource], written: list[int]) -> None:
    _stopped(3, "S", origin, written)
    started = rows_folder(dataset_path("S")) / "started"
    with (started / "training.data").open("ab") as file:
        file.write(b"half")
    _write("S", origin)
    assert written[0] == 20
    _is_whole("S", origin)


@pytest.mark.parametrize("name", ["training.data", "state.npz"])
def test_what_cannot_be_gone_on_with_is_begun_anew(
    origin: dict[str, ArraySource], written: list[int], name: str
) -> None:
    _stopped(3, "S", origin, written)
    (rows_folder(dataset_path("S")) / "started" / name).write_bytes(b"no")
    _write("S", origin)
    assert written[0] == 0
    _is_whole("S", origin)


def test_other_images_are_begun_anew(origin: dict[str, ArraySource], written: list[int]) -> None:
    _write("OTHER", origin, KEPT[1:])
    _stopped(3, "S", origin, written)
    _write("S", origin, KEPT[1:])
    assert written[0] == 0
    assert open_source("S.training").checksum == open_source("OTHER.training").checksum


def test_a_full_disk_leaves_what_is_needed_to_go_on(
    origin: dict[str, ArraySource], written: list[int]
) -> None:
    Stop.block, Stop.error = 3, OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(UserError, match="the same command goes on with what it has read"):
        _write("S", origin)
    Stop.block = 0
    written.clear()
    _write("S", origin)
    assert written[0] == 20
    _is_whole("S", origin)
    assert not list(data_folder().glob(".*new*"))
