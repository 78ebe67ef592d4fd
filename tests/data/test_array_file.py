"""numpy's files, whole ones and those that announce what they do not hold."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_file import ArrayFileError, read_npy, read_npz

ROWS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def _headed(header: str, body: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize(
    "array",
    [ROWS, np.asfortranarray(ROWS), ROWS.astype(">f8"), ROWS[:0], np.array(3.5), np.array("MNIST")],
    ids=["rows", "columns", "big_endian", "empty", "single", "text"],
)
def test_what_numpy_writes_is_read(tmp_path: Path, array) -> None:
    np.save(tmp_path / "a.npy", array)
    read = read_npy(tmp_path / "a.npy")
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


def test_what_numpy_wrote_under_python_2_is_read(tmp_path: Path) -> None:
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L, 4L), }"
    (tmp_path / "a.npy").write_bytes(_headed(head, ROWS.tobytes()))
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), ROWS)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no array of numpy"),
        (b"PK\3\4" + bytes(40), "no array of numpy"),
        (_headed("{'descr': '<f4', 'fortran_order': "), "header cannot be read"),
        (_headed("(" * 5000), "header cannot be read"),
        (_headed("{'descr': 'O', 'fortran_order': False, 'shape': (1,)}"), "unknown kind"),
        (_headed("{'descr': '<f4', 'fortran_order': 0, 'shape': (2**9,)}"), "cannot be read"),
        (_headed("{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 5)}"), "takes 20 bytes"),
        (_headed(f"{{'descr': '<f4', 'fortran_order': 0, 'shape': ({1 << 50},)}}"), "takes"),
        (_headed("{'descr': '<f4', 'fortran_order': 0, 'shape': (1, -5)}"), "shape is none"),
    ],
)
def test_what_is_no_array_is_told_in_one_error(tmp_path: Path, content, told: str) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ArrayFileError, match=told):
        read_npy(tmp_path / "a.npy")


def test_the_arrays_of_an_npz_have_their_names(tmp_path: Path) -> None:
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", one=ROWS, other=ROWS[0])
        read = read_npz(tmp_path / "a.npz")
        assert read.keys() == {"one", "other"}
        np.testing.assert_array_equal(read["other"], ROWS[0])


@pytest.mark.slow
def test_zeros_without_end_in_an_npz_are_refused_before_room_is_made(tmp_path: Path) -> None:
    """A 400 kB file of zeros would take 400 MB."""
    path = tmp_path / "a.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("a.npy", "w") as entry,
    ):
        for _ in range(400):
            entry.write(bytes(1 << 20))
    with pytest.raises(ArrayFileError, match="announces"):
        read_npz(path)


def test_an_encrypted_npz_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.savez(stream, a=ROWS)
    content = bytearray(stream.getvalue())
    content[content.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(ArrayFileError, match="encrypted"):
        read_npz(tmp_path / "a.npz")
