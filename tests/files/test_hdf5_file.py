"""HDF5 files that point out of themselves or announce what they do not hold."""

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from mycaffe_py.data.caffe_stores.hdf5_reading import Hdf5Feed, open_files
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.hdf5_file import Hdf5Error, check_announced, found_in, names_in, opened_hdf5

ROWS = np.arange(8, dtype=np.float32).reshape(4, 2)
WHERE = Where("net.prototxt", 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "far.h5", "w") as file:
        file["data"] = ROWS
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = ROWS
        file["inside/rows"] = ROWS
        file["soft"] = h5py.SoftLink("/inside/rows")
        file["dangling"] = h5py.SoftLink("/nowhere")
        file["round"] = h5py.SoftLink("/round")
        file["external"] = h5py.ExternalLink("far.h5", "/data")
        file["missing"] = h5py.ExternalLink("none.h5", "/data")
        layout = h5py.VirtualLayout((4, 2), "f4")
        layout[:] = h5py.VirtualSource("far.h5", "data", (4, 2))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", (4, 2), "f4", external=[("raw", 0, 32)])
        file.create_dataset("huge", (1 << 20, 1 << 10), "f4", chunks=(64, 64))
    return tmp_path / "a.h5"


def _read(path, name):
    source = path.with_name("list.txt")
    source.write_text(str(path))
    feed = Hdf5Feed(open_files(source, [name], WHERE), [name], 4, False, 1, "TRAIN", WHERE)
    top = np.empty((4, 2), np.float32)
    feed.fill(0, [top])
    return top


@pytest.mark.parametrize("name", ["data", "soft", "inside/rows"])
def test_what_lies_in_the_file_is_read_beside_links_that_dangle(path: Path, name: str) -> None:
    np.testing.assert_array_equal(_read(path, name), ROWS)


def test_links_that_leave_the_file_are_not_followed(path: Path) -> None:
    with opened_hdf5(path) as file:
        assert all(found_in(file, name) is None for name in ("dangling", "round", "external"))
        assert names_in(file) == ["data", "huge", "outside", "soft", "virtual"]


@pytest.mark.parametrize("name", ["dangling", "round", "external", "missing"])
def test_a_wanted_dataset_behind_such_a_link_is_not_there(path: Path, name: str) -> None:
    with pytest.raises(UserError, match=rf"net\.prototxt:3: .* has no dataset '{name}'"):
        _read(path, name)


@pytest.mark.parametrize("name", ["virtual", "outside"])
def test_values_that_lie_in_another_file_are_refused(path: Path, name: str) -> None:
    with pytest.raises(UserError, match=rf"values of '/{name}' lie in another file"):
        _read(path, name)


def test_four_gigabytes_that_are_only_announced_are_refused(path: Path) -> None:
    with pytest.raises(UserError, match=r"'/huge' of shape .* is only 0 bytes in the file"):
        _read(path, "huge")


def test_many_links_to_one_dataset_announce_it_as_often(path: Path) -> None:
    with h5py.File(path.with_name("b.h5"), "w") as file:
        data = file.create_dataset("data", (1 << 22, 15), "u1", chunks=(1 << 16, 15))
        with pytest.raises(ValueError, match="announces"):
            check_announced(*[data] * 3)


def test_a_damaged_file_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    with pytest.raises(Hdf5Error, match="HDF5 says"), opened_hdf5(tmp_path / "a.h5"):
        pass


@pytest.mark.slow
def test_a_part_that_unfolds_beyond_its_size_is_refused(path: Path) -> None:
    """HDF5 itself would make 200 MB of it, for a chunk of 4 kB."""
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    with h5py.File(path.with_name("b.h5"), "w") as file:
        data = file.create_dataset("data", (32, 32), "f4", chunks=(32, 32), compression="gzip")
        data.id.write_direct_chunk((0, 0), packed)
    with pytest.raises(UserError, match="has a part that unfolds beyond its size"):
        _read(path.with_name("b.h5"), "data")
