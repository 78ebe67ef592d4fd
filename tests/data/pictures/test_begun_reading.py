"""What is read for a data set is on the disk at once, and an interrupted reading goes on."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures import begun_reading, folder_reading
from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.data.pictures.folder_reading import read_pictures
from mycaffe_py.data.pictures.how_to_read import HowToRead
from mycaffe_py.errors import UserError

COUNT = 70


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pictures of 8 and of 16 bits, in two classes; each file that is read is safe at once."""
    monkeypatch.setattr(begun_reading, "COMMIT_S", 0.0)
    numbers = np.random.default_rng(3)
    for place in range(COUNT):
        folder = tmp_path / "set" / "ab"[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        top = 60_000 if place > 40 else 200
        values = numbers.integers(0, top, (5, 6)).astype(np.uint16)
        deep = place % 7 == 0
        image = Image.fromarray(values if deep else (values % 256).astype(np.uint8))
        image.save(folder / f"{place:02}.png")
    return tmp_path / "set"


def _read(pictures, folder, how=None, progress=None):
    scan = scan_folder(pictures, test_percent=20)
    return read_pictures(scan, "S", how or HowToRead(gray=True), folder, progress)


def _stopped_at(place: int, error: BaseException, monkeypatch: pytest.MonkeyPatch):
    """The `place`-th picture ends the reading."""
    whole, seen = folder_reading.read_as, [0]

    def read_as(*args, **options):
        seen[0] += 1
        if seen[0] == place:
            raise error
        return whole(*args, **options)

    monkeypatch.setattr(folder_reading, "read_as", read_as)
    return lambda: monkeypatch.setattr(folder_reading, "read_as", whole)


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("place", [1, 33, 66, 72])
def test_an_interrupted_reading_goes_on_to_the_same_set(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, encoded: bool
) -> None:
    """The last place is where deep pictures are read again, by one range for all."""
    how = HowToRead(gray=True, encoded=encoded)
    wanted = _read(pictures, tmp_path / "whole", how).sources
    again = _stopped_at(place, KeyboardInterrupt(), monkeypatch)
    if not encoded or place <= COUNT:
        with pytest.raises(KeyboardInterrupt):
            _read(pictures, tmp_path / "begun", how)
    again()
    seen: list[int] = []
    found = _read(pictures, tmp_path / "begun", how, seen.append).sources
    assert seen[0] == min(COUNT, (place - 1) // 32 * 32) or place > COUNT
    assert sum(seen) == COUNT
    for split, source in wanted.items():
        assert found[split].checksum == source.checksum == found[split].found_checksum()
        np.testing.assert_array_equal(found[split].mean(), source.mean())
        np.testing.assert_array_equal(found[split].found_mean(), source.mean())


def test_what_lies_behind_the_last_commit_is_cut_off(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = _read(pictures, tmp_path / "whole").sources["training"].checksum
    again = _stopped_at(50, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        _read(pictures, tmp_path / "begun")
    again()
    for name in ("facts", "training.data"):
        with (tmp_path / "begun" / name).open("ab") as file:
            file.write(b"half")
    assert _read(pictures, tmp_path / "begun").sources["training"].checksum == wanted


@pytest.mark.parametrize("name", ["facts", "training.data", "state.npz"])
def test_what_cannot_be_gone_on_with_is_begun_anew(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wanted = _read(pictures, tmp_path / "whole").sources["training"].checksum
    again = _stopped_at(50, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        _read(pictures, tmp_path / "begun")
    again()
    (tmp_path / "begun" / name).write_bytes(b"broken")
    seen: list[int] = []
    found = _read(pictures, tmp_path / "begun", progress=seen.append)
    assert seen[0] == 0
    assert found.sources["training"].checksum == wanted


@pytest.mark.parametrize("change", ["another picture", "another way"])
def test_another_list_or_way_is_begun_anew(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    again = _stopped_at(50, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        _read(pictures, tmp_path / "begun")
    again()
    how = HowToRead(gray=True)
    if change == "another picture":
        Image.new("L", (6, 5), 9).save(pictures / "a" / "00.png")
    else:
        how = HowToRead(size=(3, 3), gray=True)
    seen: list[int] = []
    _read(pictures, tmp_path / "begun", how, seen.append)
    assert seen[0] == 0


def test_a_mistake_of_the_users_leaves_nothing(pictures: Path, tmp_path: Path) -> None:
    (pictures / "a" / "x.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="1 of 71 pictures cannot be read"):
        _read(pictures, tmp_path / "begun")
    assert not (tmp_path / "begun").exists()


def test_a_full_disk_leaves_what_is_needed_to_go_on(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = _stopped_at(40, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        _read(pictures, tmp_path / "begun")
    again()
    full = OSError(errno.ENOSPC, "No space left on device")

    def no_room(handle: int) -> None:
        raise full

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(begun_reading.os, "fsync", no_room)
        _read(pictures, tmp_path / "begun")
    seen: list[int] = []
    _read(pictures, tmp_path / "begun", progress=seen.append)
    assert seen[0] == 32


def test_reasons_of_unreadable_pictures_outlive_an_interruption(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pictures / "a" / "000.png").write_bytes(b"no picture")
    how = HowToRead(gray=True, skip_unreadable=True)
    again = _stopped_at(60, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        _read(pictures, tmp_path / "begun", how)
    again()
    read = _read(pictures, tmp_path / "begun", how)
    ((file, reason),) = read.unreadable
    assert (file.name, reason) == ("000.png", "no picture format known to Pillow")
