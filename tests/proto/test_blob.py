"""An array as Caffe's message, on the wire and in files of its own."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.blob import StoredBlob, blob_size, read_blob, read_blob_file, write_blob
from mycaffe_py.proto.wire import WireError

GOLDEN = Path(__file__).parents[1] / "golden"
VALUES = np.arange(6, dtype=np.float32)


def _read(message: pb.BlobProto, diff: bool = False) -> StoredBlob:
    return read_blob(memoryview(message.SerializeToString()), diff=diff)


def test_a_file_a_real_caffe_wrote() -> None:
    assert read_blob_file(GOLDEN / "infogain_source" / "H.binaryproto").array.size > 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4), (2, 3)])
def test_what_is_written_is_read(dtype: type, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
    file = io.BytesIO()
    write_blob(file, array, diff=2 * array)
    raw = memoryview(file.getvalue())
    assert len(raw) == blob_size(array, 2 * array)
    found, gradient = read_blob(raw), read_blob(raw, diff=True)
    # Halves become singles, which all that reads them knows.
    wanted = np.float64 if dtype is np.float64 else np.float32
    assert found.array.dtype == gradient.array.dtype == wanted
    np.testing.assert_array_equal(found.array, array)
    np.testing.assert_array_equal(gradient.array, 2 * array)


@pytest.mark.parametrize(
    ("kind", "stored", "read"),
    [
        ("DOUBLE", "<f8", np.float64),
        ("FLOAT", "<f4", np.float32),
        ("FLOAT16", "<f2", np.float32),
        ("INT", "<i4", np.float64),
        ("UINT", "<u4", np.float64),
        ("BOOL", "u1", np.float32),
    ],
)
def test_raw_values_of_each_type(kind: str, stored: str, read: type) -> None:
    """NVCaffe's; OpenCV's half-precision face detector is such a file."""
    values = np.array([[1, 0, 1]], stored) if kind == "BOOL" else np.array([[5, 0, 2]], stored)
    shape = pb.BlobShape(dim=[1, 3])
    blob = pb.BlobProto(raw_data_type=kind, raw_data=values.tobytes(), shape=shape)
    blob.raw_diff_type, blob.raw_diff = kind, (values + values).tobytes()
    np.testing.assert_array_equal(_read(blob).array, values)
    np.testing.assert_array_equal(_read(blob, diff=True).array, values + values)
    assert _read(blob).array.dtype == read


def test_half_a_file_of_raw_values() -> None:
    blob = pb.BlobProto(raw_data_type="FLOAT16", raw_data=b"123", shape=pb.BlobShape(dim=[2]))
    with pytest.raises(WireError, match="ends inside a value"):
        _read(blob)
    blob.raw_data = b"1234567"[:2]
    with pytest.raises(WireError, match=r"shape \(2,\) with 1 values"):
        _read(blob)
    raw = blob.SerializeToString().replace(b"\x50\x02", b"\x50\x09")
    with pytest.raises(WireError, match="unknown type 9"):
        read_blob(memoryview(raw))


def test_plain_values_win_over_raw_ones() -> None:
    blob = pb.BlobProto(data=[1, 2], raw_data_type="FLOAT16", raw_data=b"1234")
    np.testing.assert_array_equal(_read(blob).array, [1, 2])


def test_the_old_form_has_four_sizes_and_doubles_win() -> None:
    sizes = {"num": 1, "channels": 2, "height": 3, "width": 1}
    found = _read(pb.BlobProto(**sizes, data=VALUES, double_data=VALUES / 3))
    assert found.legacy
    np.testing.assert_array_equal(found.array, (VALUES / 3.0).reshape(1, 2, 3, 1))


def test_a_blob_without_a_shape_is_marked() -> None:
    assert _read(pb.BlobProto(data=[7])).array.shape == ()
    several = _read(pb.BlobProto(data=VALUES))
    assert (several.array.shape, several.shaped) == ((6,), False)
    assert _read(pb.BlobProto(data=VALUES, shape=pb.BlobShape(dim=[6]))).shaped
    assert _read(pb.BlobProto(num=1, channels=1, height=1, width=6, data=VALUES)).shaped


def test_a_shape_that_the_values_do_not_fill_is_an_error() -> None:
    message = pb.BlobProto(data=VALUES, diff=[1], shape=pb.BlobShape(dim=[2, 3]))
    assert _read(message).array.shape == (2, 3)
    with pytest.raises(WireError, match=r"shape \(2, 3\) with 1 values"):
        _read(message, diff=True)


def test_the_trailer_of_mycaffe_is_passed_over(tmp_path: Path) -> None:
    body = pb.BlobProto(data=VALUES, shape=pb.BlobShape(dim=[6])).SerializeToString()
    end = b"mycaffe.ai" + b"1.0.1".ljust(32, b"\0") + struct.pack("<q", len(body) + 256)
    path = tmp_path / "w"
    path.write_bytes(body + bytes(256) + end + b"mycaffe.ai")
    assert path.stat().st_size == len(body) + 316
    np.testing.assert_array_equal(read_blob_file(path).array, VALUES)
    path.write_bytes(
        body + bytes(256) + b"mycaffe.ai" + struct.pack("<40xq", 1 << 40) + b"mycaffe.ai"
    )
    with pytest.raises(WireError, match="trailer"):
        read_blob_file(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("missing", "."):
        with pytest.raises(OSError, match=r"No such file|Is a directory"):
            read_blob_file(tmp_path / name)
    with pytest.raises(ValueError, match=r"null (byte|character)"):
        read_blob_file(tmp_path / "nul\0l")


def test_every_truncation_is_another_blob_or_one_error(tmp_path: Path) -> None:
    whole = pb.BlobProto(shape=pb.BlobShape(dim=[2, 3]), data=range(6)).SerializeToString()
    path = tmp_path / "mean"
    refused = 0
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        try:
            assert read_blob_file(path).shape != (2, 3)
        except WireError:
            refused += 1
    assert refused >= len(whole) - 3
